#!lua flags=allow-oom
-- Marks those of the named blobs that nobody needs for removal at once; only for the holder of the collector's lock.
--
--#keys blobs
--#args names... (at most 500)
-- Returns their names.
--#include blob_reference.lua
local seized = {}
for _, sha in ipairs(names) do
  if not blob_has_owner(blobs, sha) then
    redis.call('ZADD', blobs.condemned, -1, sha)
    seized[#seized + 1] = sha
  end
end
return seized
