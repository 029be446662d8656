#!lua flags=allow-oom
-- Takes condemned blobs whose time has come, for removal; only for the holder of the collector's lock.
--
--#keys blobs
--#args now, most (how many)
-- Returns their names, those of a collector that died too.
--#include blob_reference.lua
local claimed = {}
for _, sha in ipairs(redis.call('ZRANGE', blobs.condemned, '-inf', now, 'BYSCORE', 'LIMIT', 0, most)) do
  if blob_has_owner(blobs, sha) then
    redis.call('ZREM', blobs.condemned, sha)
  else
    redis.call('ZADD', blobs.condemned, -1, sha)
    claimed[#claimed + 1] = sha
  end
end
return claimed
