#!lua flags=allow-oom
-- Appends a line of ours, once: the same key again is the same position.
--
--#keys log: conversation_log, positions: HASH (key -> position)
--#args conversation, key, line
-- Returns the position.
--#include log.lua
local known = redis.call('HGET', positions, key)
if known then return tonumber(known) end
local position = log_append(log, conversation, line)
redis.call('HSET', positions, key, position)
return position
