#!lua flags=allow-oom
-- Claims an idempotency key for whoever asks first.
--
--#keys requests: idempotency
--#args digest, fingerprint, owner, now, expires (when the claim ends)
-- Returns {CLAIMED}, {IN_PROGRESS, fingerprint} or {DONE, fingerprint, answer}.
--#include idempotency.lua
for _, old in ipairs(redis.call('ZRANGE', requests.expiry, '-inf', now, 'BYSCORE', 'LIMIT', 0, 20)) do
  redis.call('HDEL', requests.known, old)
  redis.call('ZREM', requests.expiry, old)
end
local known, til = redis.call('HGET', requests.known, digest), redis.call('ZSCORE', requests.expiry, digest)
if known and tonumber(til) > tonumber(now) then
  local cut = string.find(known, '\0', 2, true)
  if string.sub(known, 1, 1) == 'C' then
    return { 'IN_PROGRESS', string.sub(known, cut + 1) }
  end
  return { 'DONE', string.sub(known, 2, cut - 1), string.sub(known, cut + 1) }
end
redis.call('HSET', requests.known, digest, 'C' .. owner .. '\0' .. fingerprint)
redis.call('ZADD', requests.expiry, expires, digest)
return { 'CLAIMED' }
