#!lua flags=allow-oom
-- The last step that knows who it was: the plan goes, the record and a line of the feed say that somebody was erased.
--
--#keys feed, erasures: HASH, plans: HASH, released: SET, passed_on: SET
--#args id, record (JSON), now: number, data (of the line)
-- Returns how many plans went, 0 when this was done before.
--#include ../../queue/feed.lua
if redis.call('HDEL', plans, id) == 0 then return 0 end
redis.call('DEL', released, passed_on)
redis.call('HSET', erasures, id, record)
feed_append(feed, 'customer.erased', id, 1, now, data)
return 1
