#!lua flags=allow-oom
-- Puts another answer in the place of one that is kept.
--
--#keys requests: idempotency
--#args digest, before (as it lies there), now (the same with another answer)
-- Returns how many that were: 0 when it is not there any more.
--#include idempotency.lua
if redis.call('HGET', requests.known, digest) ~= before then return 0 end
redis.call('HSET', requests.known, digest, now)
return 1
