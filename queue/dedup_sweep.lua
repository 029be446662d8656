#!lua flags=allow-oom
-- Notes how far intake has come, and forgets records that are older than the time they are kept.
--
-- KEYS: marks ZSET sequence -> ms when intake was first seen to have come so far, state HASH of the intake queue, then pairs of records HASH and ages ZSET
-- ARGV: now ms, ms to keep, most records to forget
-- Returns how many were forgotten.
local now, keep, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local sequence = tonumber(redis.call('HGET', KEYS[2], 'seq') or 0)
redis.call('ZADD', KEYS[1], 'NX', now, sequence)
local passed = redis.call('ZRANGE', KEYS[1], '(' .. (now - keep), '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1)[1]
if not passed then
  return 0
end
local forgotten = 0
for first = 3, #KEYS, 2 do
  local old = redis.call('ZRANGE', KEYS[first + 1], '-inf', passed, 'BYSCORE', 'LIMIT', 0, most)
  for _, digest in ipairs(old) do
    redis.call('HDEL', KEYS[first], digest)
    redis.call('ZREM', KEYS[first + 1], digest)
  end
  forgotten = forgotten + #old
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. (now - keep - 86400000))
return forgotten
