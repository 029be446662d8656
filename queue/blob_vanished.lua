#!lua flags=allow-oom
-- Says of blobs whose files are gone at once that they are condemned, as they would be without haste: a writer that was
-- about to name one of them is told so and puts it again.
--
--#keys blobs
--#args due, names...
-- Returns how many.
--#include blob_reference.lua
for _, sha in ipairs(names) do redis.call('ZADD', blobs.condemned, due, sha) end
return #names
