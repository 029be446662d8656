#!lua flags=allow-oom
-- Asked before blobs are written: lifts their condemnation.
--
--#keys blobs
--#args names...
-- Returns how many are being removed at this moment, which cannot be lifted; then none was.
--#include blob_reference.lua
for _, sha in ipairs(names) do
  if tonumber(redis.call('ZSCORE', blobs.condemned, sha) or 0) < 0 then
    return 1
  end
end
for _, sha in ipairs(names) do
  redis.call('ZREM', blobs.condemned, sha)
end
return 0
