#!lua flags=allow-oom
-- Writes into the feed that something was allowed or refused to somebody.
--
--#keys feed, sequences: HASH (who -> lines about them)
--#args now: number, kind, who, data (JSON)
-- Returns the position of the line.
--#include ../../queue/feed.lua
return feed_append(feed, kind, who, redis.call('HINCRBY', sequences, who, 1), now, data)
