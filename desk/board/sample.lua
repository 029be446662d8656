#!lua flags=allow-oom
-- Writes the sample of one minute, once, whoever comes first.
--
-- KEYS 1 samples HASH, a ring: slot -> <minute> <value> <value> … ARGV 1 slot, 2 minute, 3 values
-- Returns 1 when it was written, 0 when there was one of this minute or of a later one.
local known = tonumber(string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '0', '^%d+'))
if known >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
return 1
