#!lua flags=allow-oom
-- Slack wants none of the calls of a bucket until then; what was said before and lasts longer stays.
--
--#keys parked: ZSET (bucket -> ms until which Slack takes nothing)
--#args bucket, parked_until: number (ms)
redis.call('ZADD', parked, 'GT', parked_until, bucket)
return 1
