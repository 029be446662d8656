#!lua
-- Remembers a code that proves an address, and orders the mail that brings it; or refuses, when there were too many.
--
--#keys codes, counts: HASH (of this hour), mails: work_queue
--#args now: number, conversation, record, good_until, lane, payload, caps: json (what is counted -> how often an hour)
-- Returns {OK} or {CAPPED, seconds until the hour is over}.
--#include ../../queue/work.lua
--#include ../../queue/hourly_caps.lua
--#include codes.lua
local wait = hourly_wait(counts, caps, now)
if wait then return { 'CAPPED', wait } end
hourly_count(counts, caps, now)
for _, old in ipairs(redis.call('ZRANGE', codes.expiry, '-inf', now, 'BYSCORE', 'LIMIT', 0, 20)) do
  redis.call('HDEL', codes.records, old, 't:' .. old)
  redis.call('ZREM', codes.expiry, old)
end
redis.call('HSET', codes.records, conversation, record)
redis.call('HDEL', codes.records, 't:' .. conversation)
redis.call('ZADD', codes.expiry, good_until, conversation)
work_push(mails, lane, payload)
return { 'OK' }
