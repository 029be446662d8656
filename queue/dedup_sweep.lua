#!lua flags=allow-oom
-- Notes how far intake has come, and forgets records that are older than the time they are kept.
--
--#keys marks: ZSET (sequence -> ms when intake was first seen to have come so far), intake_state: HASH
--#keys registers...: dedup_register
--#args now: number, keep: number (ms), most: number (records to forget)
-- Returns how many were forgotten.
--#include dedup.lua
local sequence = tonumber(redis.call('HGET', intake_state, 'seq') or 0)
redis.call('ZADD', marks, 'NX', now, sequence)
local passed = redis.call('ZRANGE', marks, '(' .. (now - keep), '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1)[1]
if not passed then
  return 0
end
local forgotten = 0
for _, register in ipairs(registers) do
  local old = redis.call('ZRANGE', register.ages, '-inf', passed, 'BYSCORE', 'LIMIT', 0, most)
  for _, digest in ipairs(old) do
    redis.call('HDEL', register.records, digest)
    redis.call('ZREM', register.ages, digest)
  end
  forgotten = forgotten + #old
end
redis.call('ZREMRANGEBYSCORE', marks, '-inf', '(' .. (now - keep - 86400000))
return forgotten
