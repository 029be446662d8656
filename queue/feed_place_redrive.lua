#!lua flags=allow-oom
-- Takes a dead letter of a follower back, to be tried again by whoever holds the place, or drops it for good.
--
--#keys place: feed_place, feed
--#args what (retry or drop), position
-- Returns OK, GONE when there is no such dead letter, or LOST when it cannot be tried again as its line is not kept.
--#include feed_place.lua
if not redis.call('ZSCORE', place.dead, position) then return 'GONE' end
if what == 'retry' and not feed_line(feed, position) then return 'LOST' end
redis.call('ZREM', place.dead, position)
if what == 'retry' then
  redis.call('ZADD', place.again, position, position)
else
  redis.call('HDEL', place.causes, position)
end
return 'OK'
