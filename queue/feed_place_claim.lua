#!lua flags=allow-oom
-- Gives the place to one holder, for as long as its lease runs. Whoever holds it already gets it again.
--
-- KEYS 1 place HASH: position; token, holder, expires; failures, not_before, cause of the line behind the position
--      2 again ZSET: positions of dead letters to be tried again
-- ARGV 1 now, 2 lease in ms, 3 holder
-- Returns {token, position, positions to try again …}, or {0, ms until it is worth another try}.
local now = tonumber(ARGV[1])
local expires = tonumber(redis.call('HGET', KEYS[1], 'expires') or 0)
if expires > now and redis.call('HGET', KEYS[1], 'holder') ~= ARGV[3] then return { 0, expires - now } end
local not_before = tonumber(redis.call('HGET', KEYS[1], 'not_before') or 0)
if not_before > now then return { 0, not_before - now } end
local token = redis.call('HINCRBY', KEYS[1], 'token', 1)
redis.call('HSET', KEYS[1], 'holder', ARGV[3], 'expires', string.format('%.0f', now + ARGV[2]))
local reply = { token, tonumber(redis.call('HGET', KEYS[1], 'position') or 0) }
for _, position in ipairs(redis.call('ZRANGE', KEYS[2], 0, 15)) do reply[#reply + 1] = tonumber(position) end
return reply
