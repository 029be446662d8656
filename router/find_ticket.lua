-- An agent with room looks for a ticket (the model: assignment/filling.py; the two take the same decisions).
--
-- Candidates are the most due ticket of each priority under each of their tokens, and of those that they had before; and when
-- there is none, second-choice work. The most due is taken whose turn it is: one of the most important priority there, one at
-- the end of the ladder, or one whose priority passes the slack test, which asks whether all that is more important can still
-- be begun in time. A search looks at LOOKS places at most; a late ticket that is looked at takes its step of the ladder.
--#include record.lua
--#include rates.lua
--#include waiting_room.lua
--#include free_agents.lua
--#include seen.lua
local find_ticket
do
  local LADDER = { [0] = 2, 4 } -- targets after the arrival to which the aim of a late ticket moves; then back to when it is due
  local LONGEST_HORIZON = 134217728 -- ms
  local RESERVE = 3 -- tickets added to what is due within a horizon; one within which nothing is due has slack
  local PRIORITIES = { '1', '2', '3', '4' } -- as words: the engine makes a number into one slowly
  local LAST = '.*|(.*)' -- what stands behind the last bar, found from the end
  local PAGE = 4 -- heads that are read at once, then as many as were read before
  local TAIL = '^(%d+)|([^|]+)|(%d+)|(%d)|([^|]*)|(%d+)|([^|]+)|?(%d?)|?(.*)$'

  -- A member behind its head: what is known of the ticket by looking at it.
  local function look_at(tail)
    local place, id, aim, step, channel, weight, flags, priority, signature = string.match(tail, TAIL)
    return { place = tonumber(place), id = id, aim = tonumber(aim), step = tonumber(step), channel = channel, weight = tonumber(weight),
      patient = string.find(flags, 'p', 1, true) ~= nil, exclusive = string.find(flags, 'x', 1, true) ~= nil,
      excludes = string.find(flags, 'e', 1, true) ~= nil, priority = tonumber(priority), signature = signature }
  end

  -- A late ticket takes its step of the ladder; false when it has none to take.
  local function climb(desk, looked, now)
    if looked.step >= FINAL or looked.aim >= now then return false end
    local place = waiting_room.place(desk, looked.id)
    waiting_room.remove(desk, looked.id, place)
    place.aim = LADDER[place.step] and place.arrived + LADDER[place.step] * place.target or place.due
    place.step = place.step + 1
    waiting_room.enter(desk, looked.id, place)
    return true
  end

  -- Only where some room of its kind is left: letters in hand keep nobody from a chat, and so does one that waits.
  local function may_be_kept(view, place, now)
    local waited_long = (now - place.arrived) * 10 >= place.target * 3
    return waited_long and not place.keeper and place.state == 'waiting' and free_agents.has_room(view, 1, place.patient)
      and free_agents.could_ever(view, place)
  end

  -- A ticket as a candidate; nil when the agent cannot have it, and no room may be kept for it either.
  local function head_of(desk, view, looked, signature, priority, way, now)
    local place
    if looked.excludes then
      place = waiting_room.place(desk, looked.id)
      if free_agents.is_excluded(place, view) then return nil end
    end
    local fits = free_agents.fits(view, looked)
    if not fits and not may_be_kept(view, place or waiting_room.place(desk, looked.id), now) then return nil end
    local speed, later = free_agents.speed(view, signature), 0
    if speed ~= 1000 then later = math.floor((1000 - speed) * math.floor(waiting_room.work(desk.room, signature) * 10 / 8) / 1000) end
    return { place = looked.place + later, ticket = looked.id, priority = priority, final = looked.step == FINAL, fits = fits, way = way }
  end

  -- The first of a line that the agent could have; `first` is its head as it stands in the bucket. Returns it or nil, the looks
  -- that are left, and whether a ticket climbed.
  local function line_head(desk, view, signature, priority, first, looks, now)
    local line, behind, tails = signature .. '|' .. PRIORITIES[priority], 0, { first }
    while #tails > 0 do
      for _, tail in ipairs(tails) do
        looks = looks - 1
        if looks < 0 then return nil, looks end
        local looked = look_at(tail)
        if climb(desk, looked, now) then return nil, looks, true end
        local head = head_of(desk, view, looked, signature, priority, 'own', now)
        if head then return head, looks end
      end
      behind = behind + #tails
      tails = waiting_room.under(desk.room.lines, line, behind, 8)
      for i, member in ipairs(tails) do tails[i] = string.sub(member, #line + 2) end
    end
    return nil, looks
  end

  local function earlier_head(a, b)
    if a.place ~= b.place then return a.place < b.place end
    return a.ticket < b.ticket
  end

  -- The first ticket of a bucket that the agent could have, of those that stand before the limit. Whoever has speeds sees a
  -- bucket in another order than it stands in, and looks at all of it.
  local function bucket_head(desk, view, token, priority, limit, now)
    local under, looks, at, page, begun, most, best = token .. '|' .. PRIORITIES[priority], waiting_room.LOOKS, 0, nil, 0, 0, nil
    local last = limit and not view.speeds and waiting_room.time(limit.place) .. '|' .. limit.ticket or '}'
    while true do
      looks = looks - 1
      if looks < 0 then return best end
      if not page or #page == most and at == begun + most then
        begun, most = at, math.max(PAGE, at)
        page = waiting_room.before(desk.room.heads, under, last, at, most)
      end
      local member = page[at - begun + 1]
      if not member then return best end
      local signature, climbed, head = string.match(member, LAST), false, nil
      if free_agents.has(view, signature) then
        head, looks, climbed = line_head(desk, view, signature, priority, string.sub(member, #under + 2), looks, now)
        if head and not view.speeds then return head end
        if head and (not best or earlier_head(head, best)) then best = head end
      end
      if climbed then page = nil else at = at + 1 end
    end
  end

  local function returning_head(desk, view, now)
    local at, looks = 0, waiting_room.LOOKS
    while looks > 0 do
      local member = waiting_room.under(desk.room.returning, view.id, at, 1)[1]
      if not member then return nil end
      looks = looks - 1
      local looked = look_at(string.sub(member, #view.id + 2))
      if not climb(desk, looked, now) then
        local able = free_agents.has(view, looked.signature)
        local head = able and head_of(desk, view, looked, looked.signature, looked.priority, 'returning', now)
        if head then return head end
        at = at + 1
      end
    end
  end

  local function tokens_of(view)
    local tokens = {}
    for token in string.gmatch(view.tokens, '[^,]+') do tokens[#tokens + 1] = token end
    return tokens
  end

  -- The first of the heads that has its turn whatever stands behind it: of the most important priority among them, or at the
  -- end of the ladder. Nil while a priority up to this one may still turn out to be the most important.
  local function limit_of(heads, priority)
    local first, limit = 5, nil
    for _, head in ipairs(heads) do first = math.min(first, head.priority) end
    if first > priority then return nil end
    for _, head in ipairs(heads) do
      if (head.priority == first or head.final) and (not limit or earlier_head(head, limit)) then limit = head end
    end
    return limit
  end

  -- Of each priority the tokens of the agent under which something stands.
  local function buckets_of(desk, view)
    local tokens, names, buckets = tokens_of(view), {}, { {}, {}, {}, {} }
    for _, priority in ipairs(PRIORITIES) do
      for _, token in ipairs(tokens) do names[#names + 1] = 'heads|' .. token .. '|' .. priority end
    end
    for i, waits in ipairs(#names > 0 and redis.call('HMGET', desk.room.counts, unpack(names)) or {}) do
      local priority = math.ceil(i / #tokens)
      local bucket = buckets[priority]
      if waits then bucket[#bucket + 1] = tokens[i - (priority - 1) * #tokens] end
    end
    return buckets
  end

  -- The heads that the agent sees, by no order; what stands behind one that has its turn is not looked for.
  local function heads_of(desk, view, now)
    local own = returning_head(desk, view, now)
    local heads = { own }
    local limit = limit_of(heads, 1)
    for priority, buckets in ipairs(buckets_of(desk, view)) do
      for _, token in ipairs(buckets) do
        local head = bucket_head(desk, view, token, priority, limit, now)
        if head and not (own and own.ticket == head.ticket) then
          heads[#heads + 1] = head
          limit = limit_of(heads, priority)
        end
      end
      limit = limit or limit_of(heads, priority + 1)
    end
    return heads
  end

  local function overflow_of(desk, view, token)
    for first = 0, waiting_room.LOOKS - 1, 8 do
      local members = waiting_room.under(desk.room.overflow, token, first, 8)
      for _, member in ipairs(members) do
        local looked = look_at(string.sub(member, #token + 2))
        local able = free_agents.has(view, looked.signature) and free_agents.fits(view, looked)
        if able and not (looked.excludes and free_agents.is_excluded(waiting_room.place(desk, looked.id), view)) then
          return { place = looked.place, ticket = looked.id, priority = looked.priority, final = looked.step == FINAL, fits = true,
            way = 'overflow' }
        end
      end
      if #members < 8 then return nil end
    end
  end

  local function overflow_head(desk, view)
    local tokens, names, best = tokens_of(view), {}, nil
    for i, token in ipairs(tokens) do names[i] = 'overflow|' .. token end
    for i, waits in ipairs(#names > 0 and redis.call('HMGET', desk.room.counts, unpack(names)) or {}) do
      local head = waits and overflow_of(desk, view, tokens[i])
      if head and (not best or earlier_head(head, best)) then best = head end
    end
    return best
  end

  -- How fast the pool starts tickets and gets new ones.
  local function pace_of(desk, now)
    local names = { 'starts' }
    for priority = 1, 4 do names[#names + 1] = 'arrivals|' .. priority end
    for priority = 1, 4 do names[#names + 1] = 'target|' .. priority end
    local found = redis.call('HMGET', desk.room.rates, unpack(names))
    local pace = { span = rate_span(now), starts = rate_at(found[1], now), arrivals = {}, targets = {} }
    for priority = 1, 4 do
      pace.arrivals[priority] = rate_at(found[1 + priority], now)
      pace.targets[priority] = tonumber(found[5 + priority] or 0)
    end
    return pace
  end

  -- How many tickets of each priority below 4 are due within the horizon, and on time so far.
  local function due_within(desk, horizon, now)
    local counts = {}
    for priority = 1, 3 do
      local head = priority .. '|'
      counts[priority] = redis.call('ZLEXCOUNT', desk.room.on_time, '[' .. head .. waiting_room.time(now), '(' .. head .. waiting_room.time(now + horizon + 1))
    end
    return counts
  end

  -- Whether everything more important stays on time if a ticket of this priority goes first. `counts` keeps by horizon what
  -- was counted.
  local function has_slack(desk, priority, pace, counts, now)
    for other = 1, priority - 1 do
      for _, quarters in ipairs(pace.targets[other] > 0 and { 1, 2, 4 } or {}) do
        local horizon = math.min(math.floor(pace.targets[other] * quarters / 4), LONGEST_HORIZON)
        local name = string.format('%d', horizon)
        counts[name] = counts[name] or due_within(desk, horizon, now)
        local waiting, coming = 0, 0
        for each = 1, priority - 1 do
          waiting = waiting + counts[name][each]
          coming = coming + pace.arrivals[each] * math.max(0, horizon - pace.targets[each])
        end
        local spoken_for = waiting > 0 and 5 * (UNIT * pace.span * (waiting + RESERVE) + coming) or 0
        if spoken_for > 4 * horizon * pace.starts then return false end
      end
    end
    return true
  end

  -- The head whose turn it is, with what the slack test counted; heads are sorted by it.
  local function choose_head(desk, heads, now)
    table.sort(heads, earlier_head)
    local first, passed, pace, counts = 5, {}, nil, {}
    for _, head in ipairs(heads) do first = math.min(first, head.priority) end
    for _, head in ipairs(heads) do
      if head.priority == first or head.final then return head, pace, counts end
      if passed[head.priority] == nil then
        pace = pace or pace_of(desk, now)
        passed[head.priority] = has_slack(desk, head.priority, pace, counts, now)
      end
      if passed[head.priority] then return head, pace, counts end
    end
  end

  local function head_json(head)
    return string.format('{"ticket":%s,"place":%d,"priority":%d,"final":%s,"fits":%s,"way":"%s"}', json_text(head.ticket), head.place,
      head.priority, tostring(head.final), tostring(head.fits), head.way)
  end

  -- What is recorded of the heads, which are sorted: those from which the choice comes out the same, and the one after it.
  local function seen_heads(heads, best, pace, counts)
    local kept, known, behind = {}, {}, false
    for _, head in ipairs(heads) do
      local kind = head.priority .. tostring(head.final)
      if head == best or behind or not known[kind] then kept[#kept + 1] = head end
      known[kind], behind = true, head == best
    end
    local seen = ',"way":"' .. best.way .. '"' .. seen_list('tickets', kept, head_json) .. ',"more_tickets":' .. #heads - #kept
    return next(counts) and seen .. ',"pace":' .. cjson.encode(pace) .. ',"due":' .. cjson.encode(counts) or seen
  end

  -- The heavy ticket for which the agent's room was kept, once there is enough.
  local function kept_head(desk, view)
    local place = waiting_room.place(desk, view.keeps)
    if not place or not free_agents.fits(view, place) then return nil end
    local head = { place = place.aim, ticket = view.keeps, priority = place.priority, final = place.step == FINAL, fits = true, way = 'own' }
    return head, seen_heads({ head }, head, nil, {})
  end

  local function keep_room(desk, view, id, now)
    local place = waiting_room.place(desk, id)
    place.keeper = view.id
    waiting_room.store(desk, id, place)
    redis.call('HSET', desk.agents, view.id .. '.keeps', id)
    free_agents.renew(desk.agents, desk.staff, view.id, now)
  end

  -- The ticket whose turn it is for an agent, and what was seen, as JSON; nil as well when their room is kept for a heavy one.
  function find_ticket(desk, view, now)
    if not free_agents.offerable(view, now) or not free_agents.has_room(view, 1, false) then return nil end
    if view.keeps ~= '' then return kept_head(desk, view) end
    local heads = heads_of(desk, view, now)
    if #heads == 0 then heads = { overflow_head(desk, view) } end
    local head, pace, counts = choose_head(desk, heads, now)
    if not head then return nil end
    if head.fits then return head, seen_heads(heads, head, pace, counts) end
    keep_room(desk, view, head.ticket, now)
    return nil
  end
end
