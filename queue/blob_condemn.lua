#!lua flags=allow-oom
-- Condemns those of the named blobs that nobody needs.
--
--#keys blobs
--#args due, names... (at most 500)
-- Returns how many are newly condemned.
--#include blob_reference.lua
local condemned = 0
for _, sha in ipairs(names) do condemned = condemned + blob_condemn(blobs, sha, due) end
return condemned
