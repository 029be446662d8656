#!lua flags=allow-oom
-- Takes a dead letter of a follower back, to be tried again by whoever holds the place, or drops it for good.
--
--#keys place: feed_place
--#args what (retry or drop), position
-- Returns OK, or GONE when there is no such dead letter.
--#include feed_place.lua
if redis.call('ZREM', place.dead, position) == 0 then return 'GONE' end
if what == 'retry' then
  redis.call('ZADD', place.again, position, position)
else
  redis.call('HDEL', place.causes, position)
end
return 'OK'
