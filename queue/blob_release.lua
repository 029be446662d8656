#!lua flags=allow-oom
-- Ends the references of one owner.
--
--#keys blobs
--#args owner, due (when what nobody else needs may go)
-- Returns how many are newly condemned.
--#include blob_reference.lua
return blob_release(blobs, owner, due)
