#!lua
-- Remembers a code that proves an address, and orders the mail that brings it; or refuses, when there were too many.
--
-- KEYS  1 codes HASH conversation -> record, 't:' conversation -> tries; 2 until ZSET conversation -> ms;
--       3 counts HASH of this hour; 4..8 the queue of the mails
-- ARGV  1 now, 2 conversation, 3 record, 4 ms until which it is good, 5 lane, 6 payload,
--       then pairs: what is counted, and how often an hour
-- Returns {OK} or {CAPPED, seconds until the hour is over}.
--#include ../../queue/work.lua
local now, conversation = tonumber(ARGV[1]), ARGV[2]
local hour = string.format('%.0f', math.floor(now / 3600000))
local fresh = redis.call('HGET', KEYS[3], 'hour') ~= hour
for i = 7, #ARGV, 2 do
  local count = fresh and 0 or tonumber(redis.call('HGET', KEYS[3], ARGV[i]) or '0')
  if count >= tonumber(ARGV[i + 1]) then
    return { 'CAPPED', math.ceil((3600000 - now % 3600000) / 1000) }
  end
end
if fresh then
  redis.call('DEL', KEYS[3])
  redis.call('HSET', KEYS[3], 'hour', hour)
end
for i = 7, #ARGV, 2 do redis.call('HINCRBY', KEYS[3], ARGV[i], 1) end
for _, old in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', now, 'BYSCORE', 'LIMIT', 0, 20)) do
  redis.call('HDEL', KEYS[1], old, 't:' .. old)
  redis.call('ZREM', KEYS[2], old)
end
redis.call('HSET', KEYS[1], conversation, ARGV[3])
redis.call('HDEL', KEYS[1], 't:' .. conversation)
redis.call('ZADD', KEYS[2], ARGV[4], conversation)
work_push(work_queue(4), ARGV[5], ARGV[6])
return { 'OK' }
