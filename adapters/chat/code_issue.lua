#!lua
-- Remembers a code that proves an address, and orders the mail that brings it; or refuses, when there were too many.
--
--#keys codes, counts: HASH (of this hour), mails: work_queue
--#args now: number, conversation, record, good_until, lane, payload, caps: json (what is counted -> how often an hour)
-- Returns {OK} or {CAPPED, seconds until the hour is over}.
--#include ../../queue/work.lua
--#include codes.lua
local hour = string.format('%.0f', math.floor(now / 3600000))
local fresh = redis.call('HGET', counts, 'hour') ~= hour
for counted, most in pairs(caps) do
  local count = fresh and 0 or tonumber(redis.call('HGET', counts, counted) or '0')
  if count >= most then
    return { 'CAPPED', math.ceil((3600000 - now % 3600000) / 1000) }
  end
end
if fresh then
  redis.call('DEL', counts)
  redis.call('HSET', counts, 'hour', hour)
end
for counted in pairs(caps) do redis.call('HINCRBY', counts, counted, 1) end
for _, old in ipairs(redis.call('ZRANGE', codes.expiry, '-inf', now, 'BYSCORE', 'LIMIT', 0, 20)) do
  redis.call('HDEL', codes.records, old, 't:' .. old)
  redis.call('ZREM', codes.expiry, old)
end
redis.call('HSET', codes.records, conversation, record)
redis.call('HDEL', codes.records, 't:' .. conversation)
redis.call('ZADD', codes.expiry, good_until, conversation)
work_push(mails, lane, payload)
return { 'OK' }
