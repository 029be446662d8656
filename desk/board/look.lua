#!lua flags=no-writes
-- All that the board shows, seen in one moment, so that its numbers belong together and intake can be balanced.
--
-- Each number is a count or the first of an ordered index; no ticket and no message is read, but for the weight of the
-- tickets on offer, for MOST_HELD of what absent agents have, and the head of the oldest unfiled entry of each channel.
-- Loops go over what the configuration names, over the offers there are, over the signatures of what waits, over HEADS lanes
-- and MOST_LATER entries that wait for their time.
--
--#keys desk, rates: HASH (see count_feed.lua), intake: work_queue, settling: work_settling (of intake), suspended
--#keys customers: ZSET (their directory, with the open proposals), seen: dedup_register (by intake), given_up...: ZSET (dead letters of every other queue, and of the followers)
--#args now: number, ring: number (minutes that are kept), span: number (minutes looked at), queues: json, agents: json (ids)
--#args tickets (what the key of a ticket begins with)
-- Returns JSON, see snapshot.py. Lists of tickets are texts of their numbers.
--#include ../../queue/dedup.lua
--#include ../../router/ticket.lua
--#include ../../router/suspended.lua
local HEADS, SHOWN, MOST_HELD, MOST_LATER, SOON = 200, 8, 400, 10000, 3600000

local function under(key, head, upto)
  local last = upto and head .. '|' .. string.format('%016d', upto + 1) or head .. '}'
  return redis.call('ZLEXCOUNT', key, '[' .. head .. '|', '(' .. last)
end

-- Of how many the window for free answers shuts soon.
local function shutting(name)
  local head = 'window:' .. name .. '|'
  local from, to = string.format('%016d', now), string.format('%016d', now + SOON + 1)
  return redis.call('ZLEXCOUNT', desk.index, '[' .. head .. from, '(' .. head .. to)
end

local function first(key, head, limit)
  return redis.call('ZRANGE', key, '[' .. head .. '|', '(' .. head .. '}', 'BYLEX', 'LIMIT', 0, limit)
end

local function oldest(head)
  local member = first(desk.index, head, 1)[1]
  return member and tonumber(string.sub(member, #head + 2, #head + 17)) or 0
end

local function number(member, head)
  return string.format('%d', tonumber(string.sub(member, #head + 2, #head + 13)))
end

local function numbers(head)
  local found = {}
  for i, member in ipairs(first(desk.index, head, SHOWN)) do found[i] = number(member, head) end
  return table.concat(found, ' '), #found < SHOWN and #found or under(desk.index, head)
end

-- The tickets on offer, and by agent their numbers and what they weigh.
local ON_OFFER, OFFERS = {}, {}
for _, member in ipairs(redis.call('ZRANGE', desk.index, '[offered:', '(offered;', 'BYLEX')) do
  local head, id = string.match(member, '^([^|]*)|%d*|(.*)$')
  local agent = string.sub(head, 9)
  local offers = OFFERS[agent] or { numbers = {}, load = 0 }
  if #offers.numbers < SHOWN then offers.numbers[#offers.numbers + 1] = number(member, head) end
  offers.load = offers.load + tonumber(redis.call('HGET', tickets .. id, '_weight') or 1)
  OFFERS[agent], ON_OFFER[id] = offers, true
end

-- What arrived or was handled in the minutes, the newest first, as count_feed.lua keeps it.
local function minutes(what)
  local minute, names = math.floor(now / 60000), {}
  for i = 0, span - 1 do names[i + 1] = what .. ':' .. ((minute - i) % ring) end
  local kept = redis.call('HMGET', rates, unpack(names))
  for i, stored in ipairs(kept) do kept[i] = stored or 'null' end
  return '[' .. table.concat(kept, ',') .. ']'
end

-- Since when the oldest that is not on offer has waited: those on offer can be before it, and no others.
local function unoffered(head, offers)
  for _, member in ipairs(first(desk.index, head, offers + 1)) do
    if not ON_OFFER[string.sub(member, #head + 19)] then return tonumber(string.sub(member, #head + 2, #head + 17)) end
  end
  return 0
end

-- Since when everybody has declined the first of those that were declined by all.
local function asked_all(name)
  local since = 0
  for _, member in ipairs(first(desk.index, 'declined:' .. name, SHOWN)) do
    local place = waiting_room.place(desk, string.match(member, '[^|]*$'))
    local asked = place and place.asked_all_at or 0
    if asked > 0 and (since == 0 or asked < since) then since = asked end
  end
  return since
end

-- By queue, how many tickets wait for a token that nobody on duty has. What waits has a signature with an anchor.
local LACKING, HAD = {}, {}
local function is_had(token)
  if HAD[token] == nil then HAD[token] = under(desk.staff.duty, token) > 0 end
  return HAD[token]
end

local function look_at_signature(signature)
  local queue = string.match(',' .. signature .. ',', ',queue:([^,]+),')
  for token in string.gmatch(queue and signature or '', '[^,]+') do
    if string.sub(token, 1, 6) ~= 'queue:' and not is_had(token) then
      local lacking = LACKING[queue] or {}
      lacking[token] = (lacking[token] or 0) + under(desk.room.lines, signature)
      LACKING[queue] = lacking
      return
    end
  end
end

local counts = redis.call('HGETALL', desk.room.counts)
for i = 1, #counts, 2 do
  if string.sub(counts[i], 1, 7) == 'anchor|' then look_at_signature(string.sub(counts[i], 8)) end
end

local function look_at_queue(name)
  local head = 'wanted:' .. name
  local wanted, risk = under(desk.index, head), under(desk.index, 'risk:' .. name, now)
  local waiting = wanted > 0 and under(desk.waiting, name) or 0
  return { name = name, wanted = wanted, waiting = waiting, oldest = wanted > 0 and oldest(head) or 0,
    unoffered = waiting > 0 and unoffered(head, wanted - waiting) or 0, risk = risk, late = risk > 0 and under(desk.index, 'due:' .. name, now) or 0,
    declined = waiting > 0 and under(desk.index, 'declined:' .. name) or 0, asked = waiting > 0 and asked_all(name) or 0,
    lacking = LACKING[name] or {}, undelivered = under(desk.index, 'undelivered:' .. name),
    shutting = shutting(name),
    new = under(desk.index, 'queue:' .. name .. ':new'), open = under(desk.index, 'queue:' .. name .. ':open') }
end

local function offerable_until(closes_at)
  local at = tonumber(closes_at or 0)
  return at > 0 and at or now + 1
end

-- How many open tickets of an absent agent cannot wait for them: a customer waits for an answer, or what is owed comes close.
-- Those that are not looked at any more are counted with them.
local looked_at = 0
local function pressing(head, count)
  local found = count
  for _, member in ipairs(first(desk.index, head, math.min(count, MOST_HELD - looked_at))) do
    local fields = redis.call('HMGET', tickets .. string.match(member, '[^|]*$'), '_customer_waits_since', 'clocks')
    local urgent = clocks_urgent(json_value(fields[2] or nil) or {})
    looked_at = looked_at + 1
    if not json_value(fields[1] or nil) and not (urgent and urgent.risk <= now) then found = found - 1 end
  end
  return found
end

-- Whoever has no load has no open ticket.
local function look_at_agent(id, state, at, day)
  local load, holds = tonumber(state[at + 3] or 0), 'assignee:' .. id .. ':open'
  local open_tickets, open_count, offers = '', 0, OFFERS[id] or { numbers = {}, load = 0 }
  if load > 0 then open_tickets, open_count = numbers(holds) end
  local presence = state[at + 1] or 'offline'
  local held = presence == 'offline' and open_count > 0 and pressing(holds, open_count) or 0
  return { id = id, presence = presence, pressing = held, since = tonumber(state[at + 2] or 0), load = load,
    missed = tonumber(state[at + 4] or 0), open_tickets = open_tickets, open_count = open_count,
    offered = table.concat(offers.numbers, ' '), offers = offers.load, day = day or '0:0:0',
    live = tonumber(state[at + 5] or 0), exclusive = tonumber(state[at + 6] or 0) > 0,
    closing = offerable_until(state[at + 7]) <= now, wrapping = state[at + 8] and true or false }
end

local FIELDS = { '.presence', '.presence_since', '.load', '.missed', '.live', '.exclusive', '.closes_at', '.wrapping' }
local AT_ONCE = 500 -- agents; Lua cannot hand over many thousand names in one call

local function look_at_agents(ids, first, last, found)
  local names, days = {}, {}
  for i = first, last do
    for _, field in ipairs(FIELDS) do names[#names + 1] = ids[i] .. field end
    days[#days + 1] = 'day:' .. ids[i]
  end
  local state, day = redis.call('HMGET', desk.agents, unpack(names)), redis.call('HMGET', rates, unpack(days))
  for i = first, last do found[i] = look_at_agent(ids[i], state, (i - first) * #FIELDS, day[i - first + 1]) end
end

-- The oldest entries that are still to be filed, by channel: heads of lanes that are ready, held, or waiting.
local function heads()
  local found = {}
  local function consider(lane, sequence)
    local kind = string.match(lane, '^([^:]*):') or ''
    if sequence and (not found[kind] or sequence < found[kind]) then found[kind] = sequence end
  end
  local function consider_lane(lane)
    local head = redis.call('ZRANGEBYLEX', intake.order, '[' .. lane .. '\0', '(' .. lane .. '\1', 'LIMIT', 0, 1)[1]
    if head then consider(lane, tonumber(string.sub(head, -16))) end
  end
  local ready = redis.call('ZRANGE', intake.ready, 0, HEADS - 1, 'WITHSCORES')
  for i = 1, #ready, 2 do consider(ready[i], tonumber(ready[i + 1])) end
  for _, lane in ipairs(redis.call('ZRANGE', settling.leases, 0, HEADS - 1)) do consider_lane(lane) end
  for _, member in ipairs(redis.call('ZRANGE', intake.later, 0, HEADS - 1)) do consider_lane(string.sub(member, 18)) end
  return found
end

local function received_at(sequence)
  local payload = sequence and redis.call('HGET', intake.entries, sequence)
  return payload and tonumber(string.match(payload, '"received_at":(%d+)') or 0) or 0
end

-- Entries that wait for their time, by channel; what waits for another message is bounded (router/amendments.py).
local function later()
  local found = {}
  for _, member in ipairs(redis.call('ZRANGE', intake.later, 0, MOST_LATER - 1)) do
    if string.sub(member, 1, 16) ~= string.rep('0', 16) then
      local kind = string.match(string.sub(member, 18), '^([^:]*):') or ''
      found[kind] = (found[kind] or 0) + 1
    end
  end
  return found
end

local COUNTS = { 'received', 'in', 'done', 'receipts', 'dead', 'dropped', 'suspended', 'released', 'discarded' }

local function look_at_channel(kind, head, waiting)
  local names = {}
  for i, name in ipairs(COUNTS) do names[i] = name .. ':' .. kind end
  local row = { channel = kind, last = redis.call('HGET', intake.state, 'last:' .. kind) or '', oldest = received_at(head),
    in_progress = redis.call('ZLEXCOUNT', intake.order, '[' .. kind .. ':', '(' .. kind .. ';') + waiting }
  for i, counted in ipairs(redis.call('HMGET', intake.state, unpack(names))) do row[COUNTS[i]] = tonumber(counted or 0) end
  return row
end

local found, oldest_heads, waiting = { queues = {}, agents = {}, channels = {} }, heads(), later()
for i, name in ipairs(queues) do found.queues[i] = look_at_queue(name) end
for i = 1, #agents, AT_ONCE do
  look_at_agents(agents, i, math.min(i + AT_ONCE - 1, #agents), found.agents)
end
for kind in string.gmatch(redis.call('HGET', intake.state, 'kinds') or '', '([^\n]*)\n') do
  found.channels[#found.channels + 1] = look_at_channel(kind, oldest_heads[kind], waiting[kind] or 0)
end
found.waiting = redis.call('ZCARD', desk.waiting)
found.wanted = redis.call('ZLEXCOUNT', desk.index, '[wanted:', '(wanted;')
-- What has an agent, and none of those whom the configuration knows.
found.orphans = under(desk.index, 'status:new') + under(desk.index, 'status:open') - found.wanted
for _, agent in ipairs(found.agents) do found.orphans = found.orphans - (agent.open_count or 0) end
for _, name in ipairs({ 'queues', 'agents', 'channels' }) do
  if #found[name] == 0 then found[name] = cjson.null end
end
found.undelivered = under(desk.index, 'undelivered')
found.entries, found.dead = redis.call('HLEN', intake.entries), redis.call('ZCARD', settling.dead)
found.given_up = 0
for _, dead in ipairs(given_up) do found.given_up = found.given_up + redis.call('ZCARD', dead) end
found.suspended, found.known = redis.call('ZCARD', suspended.times), redis.call('HLEN', seen.records)
found.proposed = redis.call('ZLEXCOUNT', customers, '[proposed|', '(proposed}')
found.arrived, found.handled = minutes('in'), minutes('out')
found.begun = tonumber(redis.call('HGET', rates, 'begun') or 0)
return cjson.encode(found)
