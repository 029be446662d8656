#!lua flags=allow-oom
-- Makes the agents of the configuration known, with their capacities; whoever is no longer in it goes offline with none.
--
-- Each is looked at once more, since a larger capacity can give them work.
--
--#keys agents: HASH (see ticket.lua), known: SET, offers: work_queue
--#args now, list: json ({id, capacity, channels: {channel: capacity}} of each)
--#include ../queue/work.lua
local listed = {}
for _, agent in ipairs(list) do
  local id = agent.id
  listed[id] = true
  redis.call('SADD', known, id)
  redis.call('HSET', agents, id .. '.capacity', agent.capacity)
  redis.call('HSETNX', agents, id .. '.presence', 'offline')
  redis.call('HSETNX', agents, id .. '.idle_since', now)
  for _, name in ipairs(cjson.decode(redis.call('HGET', agents, id .. '.caps') or '[]')) do
    redis.call('HDEL', agents, id .. '.cap:' .. name)
  end
  work_push(offers, 'agent:' .. id, '{"event":"freed","agent":' .. cjson.encode(id) .. '}')
  local names = {}
  for channel, capacity in pairs(agent.channels) do
    redis.call('HSET', agents, id .. '.cap:' .. channel, capacity)
    names[#names + 1] = channel
  end
  if #names > 0 then redis.call('HSET', agents, id .. '.caps', cjson.encode(names)) end
end
for _, id in ipairs(redis.call('SMEMBERS', known)) do
  if not listed[id] then
    redis.call('HSET', agents, id .. '.presence', 'offline', id .. '.capacity', 0)
    redis.call('SREM', known, id)
    work_push(offers, 'agent:' .. id, '{"event":"gone","agent":' .. cjson.encode(id) .. '}')
  end
end
return 'OK'
