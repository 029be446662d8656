#!lua flags=allow-oom
-- Makes the agents of the configuration known, with their capacities; whoever is no longer in it goes offline with none.
--
-- Each is looked at once more, since a larger capacity can give them work.
--
-- KEYS  1 agents HASH, 2 known SET, 3..7 the offers queue
-- ARGV  1 now, then by agent: id, capacity, JSON of capacities by channel
--#include ../queue/work.lua
local agents, known, offers = KEYS[1], KEYS[2], work_queue(3)
local listed = {}
for i = 2, #ARGV, 3 do
  local id = ARGV[i]
  listed[id] = true
  redis.call('SADD', known, id)
  redis.call('HSET', agents, id .. '.capacity', ARGV[i + 1])
  redis.call('HSETNX', agents, id .. '.presence', 'offline')
  redis.call('HSETNX', agents, id .. '.idle_since', ARGV[1])
  for _, name in ipairs(cjson.decode(redis.call('HGET', agents, id .. '.caps') or '[]')) do
    redis.call('HDEL', agents, id .. '.cap:' .. name)
  end
  work_push(offers, 'agent:' .. id, '{"event":"freed","agent":' .. cjson.encode(id) .. '}')
  local names = {}
  for channel, capacity in pairs(cjson.decode(ARGV[i + 2])) do
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
