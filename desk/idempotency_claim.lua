#!lua flags=allow-oom
-- Claims an idempotency key for whoever asks first.
--
-- KEYS  1 known HASH digest -> 'C' owner \0 fingerprint, or 'D' fingerprint \0 answer; 2 until ZSET digest -> ms
-- ARGV  1 digest, 2 fingerprint, 3 owner, 4 now ms, 5 ms until which the claim holds
-- Returns {CLAIMED}, {IN_PROGRESS, fingerprint} or {DONE, fingerprint, answer}.
local digest, now = ARGV[1], ARGV[4]
for _, old in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', now, 'BYSCORE', 'LIMIT', 0, 20)) do
  redis.call('HDEL', KEYS[1], old)
  redis.call('ZREM', KEYS[2], old)
end
local known, til = redis.call('HGET', KEYS[1], digest), redis.call('ZSCORE', KEYS[2], digest)
if known and tonumber(til) > tonumber(now) then
  local cut = string.find(known, '\0', 2, true)
  if string.sub(known, 1, 1) == 'C' then
    return { 'IN_PROGRESS', string.sub(known, cut + 1) }
  end
  return { 'DONE', string.sub(known, 2, cut - 1), string.sub(known, cut + 1) }
end
redis.call('HSET', KEYS[1], digest, 'C' .. ARGV[3] .. '\0' .. ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[5], digest)
return { 'CLAIMED' }
