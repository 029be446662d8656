#!lua flags=allow-oom
-- Gives the place to one holder, for as long as its lease runs. Whoever holds it already gets it again.
--
--#keys place: feed_place
--#args now: number, lease: number (ms), holder
-- Returns {token, position}, or {0, ms until it is worth another try}.
--#include feed_place.lua
local expires = tonumber(redis.call('HGET', place.state, 'expires') or 0)
if expires > now and redis.call('HGET', place.state, 'holder') ~= holder then return { 0, expires - now } end
local not_before = tonumber(redis.call('HGET', place.state, 'not_before') or 0)
if not_before > now then return { 0, not_before - now } end
local token = redis.call('HINCRBY', place.state, 'token', 1)
redis.call('HSET', place.state, 'holder', holder, 'expires', string.format('%.0f', now + lease))
return { token, tonumber(redis.call('HGET', place.state, 'position') or 0) }
