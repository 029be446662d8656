#!lua flags=allow-oom
-- Condemns those of the named blobs that nobody needs. KEYS: references, condemned. ARGV: due ms, sha… (at most 500).
-- Returns how many are newly condemned.
--#include blob_reference.lua
local condemned = 0
for i = 2, #ARGV do
  condemned = condemned + blob_condemn(KEYS[1], KEYS[2], ARGV[i], ARGV[1])
end
return condemned
