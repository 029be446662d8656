#!lua flags=allow-oom
-- Ends the references of one owner. KEYS: references, condemned. ARGV: owner, due ms. Returns the newly condemned.
--#include blob_reference.lua
return blob_release(KEYS[1], KEYS[2], ARGV[1], ARGV[2])
