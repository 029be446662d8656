-- A waiting ticket looks for an agent (the model: assignment/placing.py; the two take the same decisions).
--
-- Of the free agents under the rarest token of its signature the first SHORTLIST who can have it are compared: who adds most
-- to the rate comes first, of equals the least scarce, then the longest idle, then the id. At most LOOKS are looked at; the
-- sweep finds what lies behind them.
--#include ticket.lua
--#include rates.lua
local SHORTLIST = 8

-- Whether anybody on duty could have a ticket; true where too many would have to be looked at to know. With `but_excluded`,
-- a place, those do not count who are not to be asked for it.
local function somebody_on_duty(desk, signature, but_excluded)
  local anchor, wanted = rarest(desk.staff, signature), free_agents.wanted(signature)
  if waiting_room.under(desk.staff.duty, anchor, waiting_room.LOOKS, 1)[1] then return true end
  for first = 0, waiting_room.LOOKS - 1, SHORTLIST do
    local holders, names = waiting_room.under(desk.staff.duty, anchor, first, SHORTLIST), {}
    if #holders == 0 then return false end
    for i, member in ipairs(holders) do
      holders[i] = string.sub(member, #anchor + 2)
      names[2 * i - 1], names[2 * i] = holders[i] .. '.tokens', holders[i] .. '.epoch'
    end
    local found = redis.call('HMGET', desk.agents, unpack(names))
    for i, id in ipairs(holders) do
      local excluded = but_excluded and free_agents.is_excluded(but_excluded, { id = id, epoch = tonumber(found[2 * i] or 0) })
      if not excluded and free_agents.tokens_include(found[2 * i - 1] or '', wanted) then return true end
    end
  end
  return false
end

-- Whether agents are being made known in parts, so that whoever has a token may be among those who are still to come. The
-- next part comes within seconds; where none does, whoever made them known has died.
local NEXT_PART_MS = 60000

local function agents_are_halfway(desk, now)
  local part_at = tonumber(redis.call('HGET', desk.staff.routing, 'part_at') or nil)
  return part_at ~= nil and now < part_at + NEXT_PART_MS
end

-- With the last part it is looked whether anybody has this token.
local function look_when_all_are_known(desk, token)
  local lost = cjson.decode(redis.call('HGET', desk.staff.routing, 'lost'))
  lost[token] = true
  redis.call('HSET', desk.staff.routing, 'lost', cjson.encode(lost))
end

-- Drops the optional tokens that may go at once, one after another and never the last token of all, until `is_enough` says so.
-- Returns whether it did, and the tokens that are dropped then.
local function drop_wishes(place, is_enough)
  local dropped, gone, left = { unpack(place.dropped) }, {}, 0
  for _, token in ipairs(dropped) do gone[token] = true end
  for token in string.gmatch(place.tokens, '[^,]+') do left = left + (gone[token] and 0 or 1) end
  for _, each in ipairs(place.optional) do
    if each.at_once and not gone[each.token] and left > 1 then
      dropped[#dropped + 1], left = each.token, left - 1
      if is_enough(dropped) then return true, dropped end
    end
  end
  return false, dropped
end

-- Drops optional tokens while nobody on duty has them all, if somebody on duty can do without; else they stay, as they do
-- while agents are being made known. Returns whether any was dropped, and whether that cannot be told yet.
local function drop_deserted(desk, place, now)
  if #place.optional == #place.dropped or somebody_on_duty(desk, waiting_room.signature(place, 0)) then return false, false end
  if agents_are_halfway(desk, now) then return false, true end
  local enough, dropped = drop_wishes(place, function(some)
    return somebody_on_duty(desk, waiting_room.signature({ tokens = place.tokens, dropped = some }, 0))
  end)
  if enough then place.dropped = dropped end
  return enough, false
end

-- What was only wished for ends when the ticket is late by as long as it was promised in: for good, so that nobody waits for
-- ever for somebody who suits it.
local function drop_late(place, now)
  if place.due + place.target > now or #place.optional == #place.dropped then return end
  local _, dropped = drop_wishes(place, function() return false end)
  place.dropped = dropped
end

local find_agent, previous_view, find_for
do
  local STANDS = 26 -- where the agent stands in a member of `free` behind its head

  local SCARCITY = { [0] = 65536 }

  -- How scarce a token is that so many free agents have; each is seven tenths of the one before.
  local function scarcity(others)
    for each = #SCARCITY + 1, math.min(others, 63) do SCARCITY[each] = math.floor(SCARCITY[each - 1] * 7 / 10) end
    return SCARCITY[math.min(others, 63)]
  end

  local function way_of(place)
    return place.patient and 'patient' or 'live'
  end

  -- What it costs that this agent is no longer free: for each token what is asked for it, the less the more others have it.
  -- `known` keeps it by token.
  local function price_of(desk, view, way, known, now)
    local tokens, price = {}, 0
    for token in string.gmatch(view.tokens, '[^,]+') do
      if not known[token] then tokens[#tokens + 1] = token end
    end
    if #tokens > 0 then
      local names = {}
      for i, token in ipairs(tokens) do names[i] = 'demand|' .. token end
      for i, stored in ipairs(redis.call('HMGET', desk.room.rates, unpack(names))) do
        local token, asked = tokens[i], rate_at(stored, now)
        local head = way .. ',' .. token
        local others = asked > 0 and redis.call('ZLEXCOUNT', desk.staff.free, '[' .. head .. '|', '(' .. head .. '}') or 0
        known[token] = asked * scarcity(others)
      end
    end
    for token in string.gmatch(view.tokens, '[^,]+') do price = price + known[token] end
    return price
  end

  local function better_agent(a, b)
    if a.slowness ~= b.slowness then return a.slowness < b.slowness end
    if a.price ~= b.price then return a.price < b.price end
    if a.idle_since ~= b.idle_since then return a.idle_since < b.idle_since end
    return a.agent < b.agent
  end

  local function agent_seen(view, place, signature)
    local rate = math.floor(free_agents.gain(view, place.patient) * free_agents.speed(view, signature) / 1000)
    return { slowness = MOST_SLOW - rate, price = 0, idle_since = view.idle_since, agent = view.id, view = view }
  end

  -- Why somebody who has the tokens cannot have it; nil if they can.
  local function reason_against(place, view, now)
    if not free_agents.offerable(view, now) or not free_agents.fits(view, place) then return 'full' end
    return free_agents.is_excluded(place, view) and 'declined' or nil
  end

  -- The free agents under a head, from the one behind so many: their tokens by place, and their ids.
  local function free_under(desk, head, behind, most)
    local ids, names = {}, {}
    for i, member in ipairs(waiting_room.under(desk.staff.free, head, behind, most)) do
      ids[i] = string.sub(member, #head + STANDS)
      names[i] = ids[i] .. '.tokens'
    end
    return #ids > 0 and redis.call('HMGET', desk.agents, unpack(names)) or {}, ids
  end

  -- The first SHORTLIST free agents who could have a ticket under a signature; and how many others were looked at, by what
  -- kept them.
  local function able_agents(desk, place, signature, now)
    local able, passed_over, looked, known = {}, {}, 0, {}
    local head, wanted = way_of(place) .. ',' .. rarest(desk.staff, signature), free_agents.wanted(signature)
    while looked < waiting_room.LOOKS and #able < SHORTLIST do
      local found, ids = free_under(desk, head, looked, math.min(math.max(SHORTLIST, looked), waiting_room.LOOKS - looked))
      if #ids == 0 then break end
      for i, tokens in ipairs(found) do
        local view, reason = nil, 'tokens'
        if known[tokens] == nil then known[tokens] = free_agents.tokens_include(tokens or '', wanted) end
        if known[tokens] then
          view = free_agents.view(desk.agents, ids[i])
          reason = reason_against(place, view, now)
        end
        looked = looked + 1
        if reason then passed_over[reason] = (passed_over[reason] or 0) + 1 else able[#able + 1] = agent_seen(view, place, signature) end
        if #able == SHORTLIST then break end
      end
    end
    return able, passed_over
  end

  -- The best free agent for a ticket under a signature. Returns what was seen: agents (the best first), passed_over (how many
  -- others were looked at, by what kept them); or nil with passed_over.
  function find_agent(desk, place, signature, now)
    local able, passed_over = able_agents(desk, place, signature, now)
    if #able == 0 then return nil, passed_over end
    if #able > 1 then
      local known, way = {}, way_of(place)
      for _, seen in ipairs(able) do seen.price = price_of(desk, seen.view, way, known, now) end
      table.sort(able, better_agent)
    end
    return { agents = able, passed_over = passed_over }
  end

  -- Its previous agent, if they could have it and have not declined it.
  function previous_view(desk, place)
    if not place.previous then return nil end
    local view = free_agents.view(desk.agents, place.previous)
    return free_agents.has(view, waiting_room.signature(place, 0)) and not free_agents.is_excluded(place, view) and view or nil
  end

  -- Whom it would get now: the way (returning, own, or overflow where it may be second-choice work), and what was seen as
  -- `find_agent` returns it; nil when there is nobody.
  function find_for(desk, place, now)
    local signature, view = waiting_room.signature(place, 0), previous_view(desk, place)
    if view and view.keeps == '' and free_agents.offerable(view, now) and free_agents.fits(view, place) then
      return 'returning', { agents = { agent_seen(view, place, signature) }, passed_over = {} }
    end
    local found = find_agent(desk, place, signature, now)
    if found then return 'own', found end
    found = place.relaxed > 0 and find_agent(desk, place, waiting_room.signature(place, place.relaxed), now)
    if found then return 'overflow', found end
  end
end
