#!lua flags=allow-oom
-- Raises a mark of a conversation to a position of its log, and never lowers it.
--
--#keys log: conversation_log, state: HASH
--#args conversation, name (of the mark), position: number
-- Returns what the mark was before; 0 when there was none.
--#include log.lua
local field = 'mark:' .. name
local before = tonumber(redis.call('HGET', state, field) or '0')
position = math.min(position, redis.call('LLEN', log.lines))
if position > before then
  redis.call('HSET', state, field, string.format('%.0f', position))
  log_tell(log, conversation, 0)
end
return before
