#!lua flags=allow-oom
-- Keeps how far a folder has been read, that the mailbox was read to its end, or only that its reader is there. A reader
-- that has lost the mailbox changes nothing.
--
--#keys mailbox
--#args now: number, lease: number (ms; 0 gives the mailbox back), token, folder?, place? (json), read? (ms)
-- Returns OK or LOST.
--#include cursor.lua
if redis.call('HGET', mailbox.state, 'token') ~= token then return 'LOST' end
redis.call('HSET', mailbox.state, 'expires', string.format('%.0f', now + lease))
if folder ~= '' then redis.call('HSET', mailbox.state, 'place:' .. folder, place) end
if read ~= '' then redis.call('HSET', mailbox.state, 'read', read) end
return 'OK'
