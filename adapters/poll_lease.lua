#!lua flags=allow-oom
-- One poller of an account: takes or keeps its lease and tells up to where it has stored; moves that on with `offset`.
--
--#keys poll: HASH (holder, until -> ms, offset)
--#args now: number, holder, lease: number (ms), offset?: number (the first that is not stored yet)
-- Returns {MINE, offset}, or {OTHER, ms until its lease ends}. A holder that lost its lease moves nothing.
local record = redis.call('HMGET', poll, 'holder', 'until', 'offset')
local ends = tonumber(record[2] or '0')
if record[1] and record[1] ~= holder and ends > now then return { 'OTHER', ends - now } end
if offset and record[1] ~= holder then return { 'OTHER', 0 } end
redis.call('HSET', poll, 'holder', holder, 'until', now + lease)
if offset then redis.call('HSET', poll, 'offset', offset) end
return { 'MINE', offset or tonumber(record[3] or '0') }
