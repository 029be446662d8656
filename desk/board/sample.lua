#!lua flags=allow-oom
-- Writes the sample of one minute, once, whoever comes first.
--
--#keys samples: HASH (a ring: slot -> <minute> <value> <value> …)
--#args slot, minute: number, values
-- Returns 1 when it was written, 0 when there was one of this minute or of a later one.
local known = tonumber(string.match(redis.call('HGET', samples, slot) or '0', '^%d+'))
if known >= minute then return 0 end
redis.call('HSET', samples, slot, minute .. ' ' .. values)
return 1
