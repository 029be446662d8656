#!lua flags=allow-oom
-- An agent has looked at a ticket.
--
--#keys seen: ZSET (of the agent: when they looked at each of the tickets, the newest only)
--#args ticket, now, most: number (how many are remembered)
redis.call('ZADD', seen, 'GT', now, ticket)
redis.call('ZREMRANGEBYRANK', seen, 0, -1 - most)
return 'OK'
