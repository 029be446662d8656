-- What an agent can take: what they have in hand, whether they have room, and where they stand among those who have.
--
-- Of each agent the hash `agents` has, as <id>.<field>: presence, epoch, idle_since; from the configuration capacity, tokens
-- (joined by commas), gains (what each further ticket in hand adds to their rate, in thousandths), speeds (JSON: thousandths
-- by token), cap:<channel>; what they have in hand, offers and wrap-up included: load (units of weight), load:<channel>, live
-- (what of the load is not patient), tickets, live_tickets (their numbers), exclusive (how many keep them from all else);
-- wrapping (JSON by ticket: until when it takes their room although it is done, and what it takes);
-- keeps (the heavy ticket for which their room is kept); closes_at (from when on nothing is offered); and what is written
-- here alone: stands, on_duty.
--
-- Whoever changes any of it calls `renew`, or `presence` where the presence or the tokens have changed.
--
--#group free_agents
--#keys free: ZSET (score 0; <live or patient>,<token>|<slowness, 6 digits>|<idle since, 16 digits>|<agent>)
--#keys duty: ZSET (<token>|<agent>; those who are available or busy)
--#keys holders: HASH (token -> how many agents of the configuration have it)
--#keys routing: HASH (what the configuration says of queues and channels, see routing_settings.py)
--
-- The slowness is MOST_SLOW less what one more ticket would add to the agent's rate. There are two sets because somebody
-- with a letter in hand may have no room for another letter, but for a chat.

local free_agents = {}
local MOST_SLOW = 100000

do
  local SOME_WORDS = 1000 -- of one command; Lua cannot hand over many thousand in one call

  local VIEW = { '.presence', '.tokens', '.keeps', '.gains', '.speeds', '.caps', '.stands', '.on_duty', '.capacity', '.load', '.live',
    '.tickets', '.live_tickets', '.exclusive', '.idle_since', '.epoch', '.closes_at' }

  -- What is known of an agent; `stored` is all of it as it lies there.
  function free_agents.view(agents, id)
    local names = {}
    for i, name in ipairs(VIEW) do names[i] = id .. name end
    local found = redis.call('HMGET', agents, unpack(names))
    for i = 1, #names do found[i] = found[i] or '' end
    local speeds = found[5]
    return { id = id, agents = agents, stored = found, presence = found[1], tokens = found[2], keeps = found[3], gains = found[4],
      speeds = speeds ~= '' and speeds ~= '{}' and cjson.decode(speeds) or nil, caps = found[6], stands = found[7], on_duty = found[8],
      capacity = tonumber(found[9]) or 0, load = tonumber(found[10]) or 0, live = tonumber(found[11]) or 0,
      tickets = tonumber(found[12]) or 0, live_tickets = tonumber(found[13]) or 0, exclusive = tonumber(found[14]) or 0,
      idle_since = tonumber(found[15]) or 0, epoch = tonumber(found[16]) or 0, closes_at = tonumber(found[17]) or 0 }
  end

  -- Whether anything may be offered to them.
  function free_agents.offerable(view, now)
    return view.presence == 'available' and not (view.closes_at > 0 and view.closes_at <= now)
  end

  function free_agents.has_room(view, weight, patient)
    return view.exclusive == 0 and (patient and view.load or view.live) + weight <= view.capacity
  end

  function free_agents.cap(view, channel)
    if view.caps == '' then return nil end
    local found = redis.call('HMGET', view.agents, view.id .. '.cap:' .. channel, view.id .. '.load:' .. channel)
    return tonumber(found[1] or nil), tonumber(found[2] or 0)
  end

  -- Whether a ticket fits what they have in hand. Of the ticket: channel, weight, patient, exclusive.
  function free_agents.fits(view, ticket)
    if not free_agents.has_room(view, ticket.weight, ticket.patient) then return false end
    if ticket.exclusive and view.live > 0 then return false end
    local cap, load = free_agents.cap(view, ticket.channel)
    return not cap or load + ticket.weight <= cap
  end

  -- Whether it would if they had nothing in hand.
  function free_agents.could_ever(view, ticket)
    return ticket.weight <= math.min(view.capacity, free_agents.cap(view, ticket.channel) or view.capacity)
  end

  -- Whether they are not to be asked for a ticket.
  function free_agents.is_excluded(place, view)
    return place.excluded[view.id] == view.epoch
  end

  -- The tokens of a signature, as they are looked for by `tokens_include`.
  function free_agents.wanted(signature)
    local wanted = {}
    for token in string.gmatch(signature, '[^,]+') do wanted[#wanted + 1] = ',' .. token .. ',' end
    return wanted
  end

  -- Whether all that is wanted is among the tokens that somebody has.
  function free_agents.tokens_include(tokens, wanted)
    local all = ',' .. tokens .. ','
    for _, token in ipairs(wanted) do
      if not string.find(all, token, 1, true) then return false end
    end
    return true
  end

  -- The same of an agent of whom it is asked often.
  function free_agents.has(view, signature)
    if not view.token_set then
      view.token_set, view.able = {}, {}
      for token in string.gmatch(view.tokens, '[^,]+') do view.token_set[token] = true end
    end
    local able = view.able[signature]
    if able ~= nil then return able end
    able = true
    for token in string.gmatch(signature, '[^,]+') do
      if not view.token_set[token] then
        able = false
        break
      end
    end
    view.able[signature] = able
    return able
  end

  -- What one more ticket would add to their rate, before the speed. Thousandths.
  local GAINS = { 1000, 600, 300, 200, 100 }
  function free_agents.gain(view, patient)
    local gains = GAINS
    if view.gains ~= '' then
      gains = {}
      for gain in string.gmatch(view.gains, '%d+') do gains[#gains + 1] = tonumber(gain) end
    end
    return gains[math.min(patient and view.tickets or view.live_tickets, #gains - 1) + 1]
  end

  -- Their speed with a ticket of the signature: that of the slowest of its tokens. Thousandths.
  function free_agents.speed(view, signature)
    if not view.speeds then return 1000 end
    local slowest
    for token in string.gmatch(signature, '[^,]+') do
      local speed = view.speeds[token]
      if speed and (not slowest or speed < slowest) then slowest = speed end
    end
    return slowest or 1000
  end

  local function in_parts(words, take)
    for first = 1, #words, SOME_WORDS do take(unpack(words, first, math.min(first + SOME_WORDS - 1, #words))) end
  end

  -- Where somebody who adds so much stands under each of their tokens; `-` where they have no room.
  function free_agents.members(view, stands)
    local members, live, patient, idle = {}, string.match(stands, '^(%S+) (%S+) (%S+)$')
    local function tail(rate)
      return string.format('|%06d|', MOST_SLOW - math.floor(rate)) .. idle .. '|' .. view.id
    end
    for way, gain in pairs({ live = tonumber(live), patient = tonumber(patient) }) do
      local usual = tail(gain)
      for token in string.gmatch(view.tokens, '[^,]+') do
        local speed = view.speeds and view.speeds[token]
        members[#members + 1] = way .. ',' .. token .. (speed and tail(gain * speed / 1000) or usual)
      end
    end
    return members
  end

  function free_agents.leave(desk_agents, staff, view)
    if view.stands == '' then return end
    in_parts(free_agents.members(view, view.stands), function(...) redis.call('ZREM', staff.free, ...) end)
    redis.call('HSET', desk_agents, view.id .. '.stands', '')
    view.stands = ''
  end

  -- The agent stands where they belong by what is known of them now; `now` only matters while a shift ends.
  function free_agents.renew(agents, staff, id, now)
    local view, stands = free_agents.view(agents, id), ''
    if view.keeps == '' and free_agents.offerable(view, now or 0) then
      local live = free_agents.has_room(view, 1, false) and free_agents.gain(view, false) or '-'
      local patient = free_agents.has_room(view, 1, true) and free_agents.gain(view, true) or '-'
      if live ~= '-' or patient ~= '-' then stands = live .. ' ' .. patient .. ' ' .. string.format('%016d', view.idle_since) end
    end
    if stands == view.stands then return view end
    free_agents.leave(agents, staff, view)
    local words = {}
    for i, member in ipairs(free_agents.members(view, stands)) do words[2 * i - 1], words[2 * i] = 0, member end
    in_parts(words, function(...) redis.call('ZADD', staff.free, ...) end)
    redis.call('HSET', agents, id .. '.stands', stands)
    view.stands = stands
    return view
  end

  function free_agents.duty(agents, staff, view, tokens)
    if tokens == view.on_duty then return end
    for token in string.gmatch(view.on_duty, '[^,]+') do redis.call('ZREM', staff.duty, token .. '|' .. view.id) end
    for token in string.gmatch(tokens, '[^,]+') do redis.call('ZADD', staff.duty, 0, token .. '|' .. view.id) end
    redis.call('HSET', agents, view.id .. '.on_duty', tokens)
  end

  -- The same where their presence or their tokens have changed: they may be on duty, or no longer. Returns the tokens that they
  -- had on duty and have no more.
  function free_agents.presence(agents, staff, id, now)
    local view, lost = free_agents.renew(agents, staff, id, now), {}
    local there = view.presence == 'available' or view.presence == 'busy'
    local has = there and view.tokens or ''
    for token in string.gmatch(view.on_duty, '[^,]+') do
      if not free_agents.tokens_include(has, { ',' .. token .. ',' }) then lost[#lost + 1] = token end
    end
    free_agents.duty(agents, staff, view, has)
    return lost
  end

  function free_agents.tally(key, words, by)
    for word in string.gmatch(words, '[^,]+') do
      if redis.call('HINCRBY', key, word, by) == 0 then redis.call('HDEL', key, word) end
    end
  end

  -- What the configuration says of an agent: tokens, gains, speeds (as they are stored). They stand nowhere until `presence`.
  function free_agents.configure(agents, staff, id, tokens, gains, speeds)
    local view = free_agents.view(agents, id)
    free_agents.leave(agents, staff, view)
    if tokens ~= view.tokens then
      free_agents.tally(staff.holders, view.tokens, -1)
      free_agents.tally(staff.holders, tokens, 1)
    end
    redis.call('HSET', agents, id .. '.tokens', tokens, id .. '.gains', gains, id .. '.speeds', speeds)
  end

  -- Adds a ticket to what somebody has in hand (sign 1) or takes it away (-1); returns their load then.
  function free_agents.load(agents, id, ticket, sign)
    local at, weight = id .. '.', sign * ticket.weight
    local load = redis.call('HINCRBY', agents, at .. 'load', weight)
    redis.call('HINCRBY', agents, at .. 'load:' .. ticket.channel, weight)
    redis.call('HINCRBY', agents, at .. 'tickets', sign)
    if not ticket.patient then
      redis.call('HINCRBY', agents, at .. 'live', weight)
      redis.call('HINCRBY', agents, at .. 'live_tickets', sign)
    end
    if ticket.exclusive then redis.call('HINCRBY', agents, at .. 'exclusive', sign) end
    return load
  end

  -- A ticket is done and still takes its room until then.
  function free_agents.wrap(agents, id, ticket, takes, until_)
    local wrapping = cjson.decode(redis.call('HGET', agents, id .. '.wrapping') or '{}')
    wrapping[ticket] = { takes = takes, over = until_ }
    redis.call('HSET', agents, id .. '.wrapping', cjson.encode(wrapping))
  end

  -- Ends what is over by now: of this ticket, or of all, whenever it would be. Returns how many were ended.
  function free_agents.wrapped(agents, staff, id, now, which)
    local stored, ended = redis.call('HGET', agents, id .. '.wrapping'), 0
    if not stored then return 0 end
    local wrapping, load = cjson.decode(stored), 1
    for ticket, each in pairs(wrapping) do
      if which == 'all' or which == ticket or each.over <= now then
        load = free_agents.load(agents, id, each.takes, -1)
        wrapping[ticket], ended = nil, ended + 1
      end
    end
    if ended == 0 then return 0 end
    if next(wrapping) then redis.call('HSET', agents, id .. '.wrapping', cjson.encode(wrapping)) else redis.call('HDEL', agents, id .. '.wrapping') end
    if load <= 0 then redis.call('HSET', agents, id .. '.idle_since', now) end
    free_agents.renew(agents, staff, id, now)
    return ended
  end
end
