#!lua flags=allow-oom
-- Back to the beginning of the feed: what a follower has made of it is forgotten, and whoever holds its place is STALE.
--
-- KEYS 1 place HASH, then its dead ZSET, causes HASH, again ZSET, and the keys of what it has made
local token = redis.call('HGET', KEYS[1], 'token') or '0'
redis.call('DEL', unpack(KEYS))
redis.call('HSET', KEYS[1], 'token', string.format('%.0f', token + 1))
