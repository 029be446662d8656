#!lua flags=allow-oom
-- Takes condemned blobs whose time has come, for removal; only for the holder of the collector's lock.
-- KEYS: references, condemned. ARGV: now ms, at most how many. Returns their names, those of a collector that died too.
--#include blob_reference.lua
local claimed = {}
for _, sha in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])) do
  if blob_has_owner(KEYS[1], sha) then
    redis.call('ZREM', KEYS[2], sha)
  else
    redis.call('ZADD', KEYS[2], -1, sha)
    claimed[#claimed + 1] = sha
  end
end
return claimed
