#!lua flags=allow-oom
-- Back to the beginning of the feed: what a follower has made of it is forgotten, and whoever holds its place is STALE.
--
--#keys place: feed_place, made...: ANY (what it has made)
--#include feed_place.lua
local token = redis.call('HGET', place.state, 'token') or '0'
redis.call('DEL', place.state, place.dead, place.causes, place.again, unpack(made))
redis.call('HSET', place.state, 'token', string.format('%.0f', token + 1))
