#!lua flags=allow-oom
-- Lets a claim last longer, because its work does. Somebody else's claim stays as it is.
--
--#keys requests: idempotency
--#args digest, owner, expires (when the claim ends)
-- Returns OK or LOST.
--#include idempotency.lua
local known = redis.call('HGET', requests.known, digest)
local claim = 'C' .. owner .. '\0'
if not known or string.sub(known, 1, #claim) ~= claim then return 'LOST' end
redis.call('ZADD', requests.expiry, expires, digest)
return 'OK'
