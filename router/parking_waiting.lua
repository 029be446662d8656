#!lua flags=no-writes
-- How many messages wait for an account of a channel, some at a time.
--
--#keys parking, later: ZSET (of the outbox; what waits for its time)
--#args account, after (the member after which to go on; empty at first), limit: number
-- Returns how many of these wait, and the last of them, empty when there are no more.
--#include record.lua
--#include parking.lua
local from = after == '' and '[' .. account .. '\0' or '(' .. after
local members = redis.call('ZRANGEBYLEX', parking.waiting, from, '(' .. account .. '\1', 'LIMIT', 0, limit)
local waiting = 0
for _, member in ipairs(members) do
  if redis.call('ZSCORE', later, string.sub(member, #account + 2)) then waiting = waiting + 1 end
end
return { waiting, #members == limit and members[limit] or '' }
