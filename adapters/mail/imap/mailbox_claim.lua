#!lua flags=allow-oom
-- Gives a mailbox to one reader, for as long as its lease runs. Whoever holds it already gets it again.
--
--#keys mailbox
--#args now: number, lease: number (ms), holder
-- Returns {token}, or {0, ms until it is worth another try}.
--#include cursor.lua
local expires = tonumber(redis.call('HGET', mailbox.state, 'expires') or 0)
if expires > now and redis.call('HGET', mailbox.state, 'holder') ~= holder then return { 0, expires - now } end
local token = redis.call('HINCRBY', mailbox.state, 'token', 1)
redis.call('HSET', mailbox.state, 'holder', holder, 'expires', string.format('%.0f', now + lease))
return { token }
