#!lua flags=allow-oom
-- Takes a dead letter of a follower back, to be tried again by whoever holds the place, or drops it for good.
--
-- KEYS 1 dead ZSET, 2 causes HASH, 3 again ZSET. ARGV 1 retry or drop, 2 position
-- Returns OK, or GONE when there is no such dead letter.
if redis.call('ZREM', KEYS[1], ARGV[2]) == 0 then return 'GONE' end
if ARGV[1] == 'retry' then
  redis.call('ZADD', KEYS[3], ARGV[2], ARGV[2])
else
  redis.call('HDEL', KEYS[2], ARGV[2])
end
return 'OK'
