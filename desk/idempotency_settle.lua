#!lua flags=allow-oom
-- Keeps the answer to what was claimed, or frees the key. Somebody else's claim stays as it is.
--
-- KEYS  see idempotency_claim.lua
-- ARGV  1 digest, 2 owner, 3 ms until which the answer is kept, 4 answer, or '' to free the key
-- Returns OK or LOST.
local known = redis.call('HGET', KEYS[1], ARGV[1])
local claim = 'C' .. ARGV[2] .. '\0'
if not known or string.sub(known, 1, #claim) ~= claim then return 'LOST' end
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], 'D' .. string.sub(known, #claim + 1) .. '\0' .. ARGV[4])
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
end
return 'OK'
