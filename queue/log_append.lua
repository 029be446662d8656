#!lua flags=allow-oom
-- Appends a line of ours, once: the same key again is the same position.
--
-- KEYS  log LIST, keys HASH key -> position, tail STREAM
-- ARGV  conversation, key, line
-- Returns the position.
--#include log.lua
local known = redis.call('HGET', KEYS[2], ARGV[2])
if known then return tonumber(known) end
local position = log_append(KEYS[1], KEYS[3], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[2], position)
return position
