-- Appends one line to a conversation log and tells everybody who follows.
--
--#group conversation_log
--#keys lines: LIST (the position of a line is its place, from 1), tail: STREAM (what was appended where, the last 10,000)
local function log_tell(log, conversation, position)
  redis.call('XADD', log.tail, 'MAXLEN', '~', 10000, '*', 'c', conversation, 'p', position)
end

local function log_append(log, conversation, line)
  local position = redis.call('RPUSH', log.lines, line)
  log_tell(log, conversation, position)
  return position
end
