#!lua flags=allow-oom
-- Keeps the answer to what was claimed, or frees the key. Somebody else's claim stays as it is.
--
--#keys requests: idempotency
--#args digest, owner, expires (until when the answer is kept), answer? (none: the key is free again)
-- Returns OK or LOST.
--#include idempotency.lua
local known = redis.call('HGET', requests.known, digest)
local claim = 'C' .. owner .. '\0'
if not known or string.sub(known, 1, #claim) ~= claim then return 'LOST' end
if answer == '' then
  redis.call('HDEL', requests.known, digest)
  redis.call('ZREM', requests.expiry, digest)
else
  redis.call('HSET', requests.known, digest, 'D' .. string.sub(known, #claim + 1) .. '\0' .. answer)
  redis.call('ZADD', requests.expiry, expires, digest)
end
return 'OK'
