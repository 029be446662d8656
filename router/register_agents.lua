#!lua flags=allow-oom
-- Makes the agents of the configuration known, with their capacities; whoever is no longer in it goes offline with none,
-- and holds nothing from then on.
--
-- Each is looked at once more: a larger capacity can give them work, and what absent agents hold can have another policy. Room
-- is kept for no heavy ticket any more, because it may never fit now; whoever has gone is looked at first, so that what is
-- offered to them wants somebody before the others take what is less due.
--
-- Many are made known in parts. With the first comes what holds for all of them; with the last, what follows from all of them
-- is looked at: where lines stand, and who waits for a token that others may have got. Meanwhile no ticket does without what
-- it wishes for because nobody has it (find_agent.lua). A part of a configuration is refused when another has begun since.
--
--#keys desk, known: SET
--#args now: number, list: json ({id, capacity, channels: {channel: capacity}, tokens, gains, speeds, shifts: whether any} of each of a part)
--#args everybody?: json (the names of all), holders?: json (of all others who hold tickets)
--#args version (of the configuration), last: flag
--#args routing?: json (what the configuration says of queues and channels, by field; see routing_settings.py)
-- Returns {OK} or {STALE}.
--#include agent_change.lua
local agents = desk.agents
if not everybody and redis.call('HGET', desk.staff.routing, 'version') ~= version then return { 'STALE' } end
local lost = cjson.decode(redis.call('HGET', desk.staff.routing, 'lost') or '{}')
local noted = not (everybody and last) and lost or nil

local function list_capacities(id, channels)
  for _, name in ipairs(cjson.decode(redis.call('HGET', agents, id .. '.caps') or '[]')) do
    redis.call('HDEL', agents, id .. '.cap:' .. name)
  end
  local names = {}
  for channel, capacity in pairs(channels) do
    redis.call('HSET', agents, id .. '.cap:' .. channel, capacity)
    names[#names + 1] = channel
  end
  if #names > 0 then redis.call('HSET', agents, id .. '.caps', cjson.encode(names)) end
end

local function configure(id, tokens, gains, speeds)
  agent_unkeep(desk, free_agents.view(agents, id), now)
  free_agents.configure(agents, desk.staff, id, tokens, gains, speeds)
end

local function remove(id)
  redis.call('SREM', known, id)
  configure(id, '', '', '')
  redis.call('HSET', agents, id .. '.capacity', 0, id .. '.removed', 1)
  if (agent_get(desk, id, 'presence') or 'offline') == 'offline' then
    redis.call('HSET', agents, id .. '.presence', 'offline')
    agent_event(desk, id, 'absent')
  else
    agent_presence(desk, id, 'offline', now, 'router', 'no longer in the configuration', noted)
  end
  agent_event(desk, id, 'gone')
end

local function publish()
  local before = record_of(redis.call('HGETALL', desk.staff.routing))
  redis.call('DEL', desk.staff.routing)
  for field, words in pairs(routing) do
    redis.call('HSET', desk.staff.routing, field, words)
    local queue = before[field] and before[field] ~= words and string.match(field, '^queue:(.*)')
    if queue then offers_push(desk, 'wishes:' .. queue, '{"event":"wishes","queue":' .. json_text(queue) .. '}') end
  end
end

local function finish()
  for token in pairs(lost) do agent_deserts(desk, token) end
  redis.call('HDEL', desk.staff.routing, 'lost', 'part_at')
end

local function remove_others()
  local listed = {}
  for _, id in ipairs(everybody) do listed[id] = true end
  local gone = redis.call('SMEMBERS', known)
  table.sort(gone)
  for _, id in ipairs(gone) do
    if not listed[id] then remove(id) end
  end
  for _, id in ipairs(holders) do
    if not listed[id] and redis.call('HGET', agents, id .. '.removed') ~= '1' then remove(id) end
  end
end

if everybody then publish() end
if last then offers_push(desk, 'anchors', '{"event":"anchors"}') end
if everybody then remove_others() end
for _, agent in ipairs(list) do
  local id = agent.id
  redis.call('SADD', known, id)
  redis.call('HDEL', agents, id .. '.removed')
  redis.call('HSET', agents, id .. '.capacity', agent.capacity)
  redis.call('HSETNX', agents, id .. '.presence', 'offline')
  redis.call('HSETNX', agents, id .. '.idle_since', now)
  list_capacities(id, agent.channels)
  configure(id, agent.tokens, agent.gains, agent.speeds)
  agent_follows(desk, id, now, noted)
  if agent.shifts or agent_get(desk, id, 'shift_ends') then agent_event(desk, id, 'shift') end
  agent_event(desk, id, agent_get(desk, id, 'presence') == 'offline' and 'absent' or 'freed')
end
if last then finish() else redis.call('HSET', desk.staff.routing, 'lost', cjson.encode(lost), 'part_at', now) end
return { 'OK' }
