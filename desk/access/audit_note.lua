#!lua flags=allow-oom
-- Writes into the feed that something was allowed or refused to somebody, and where the line is.
--
--#keys feed, sequences: HASH (who -> lines about them), trail: ZSET ("position|who|about" by position, the newest only)
--#args now: number, kind, who, about, data (JSON), kept: number (how many places the trail has)
-- Returns the position of the line.
--#include ../../queue/feed.lua
local position = feed_append(feed, kind, who, redis.call('HINCRBY', sequences, who, 1), now, data)
redis.call('ZADD', trail, position, position .. '|' .. who .. '|' .. about)
redis.call('ZREMRANGEBYRANK', trail, 0, -kept - 1)
return position
