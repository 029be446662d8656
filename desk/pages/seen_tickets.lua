#!lua flags=allow-oom
-- An agent has looked at a ticket.
--
-- KEYS  1 seen ZSET of the agent: when they looked at each of the tickets, the newest only
-- ARGV  1 ticket id, 2 milliseconds, 3 how many are remembered
redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
return 'OK'
