#!lua flags=allow-oom
-- Forgets blobs whose files are gone.
--
--#keys blobs
--#args names...
--#include blob_reference.lua
for _, sha in ipairs(names) do
  redis.call('ZREM', blobs.condemned, sha)
end
return #names
