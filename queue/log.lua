-- Appends one line to a conversation log and tells everybody who follows.
-- log LIST of lines: the position of a line is its place, from 1; tail STREAM of what was appended where, the last 10,000.
local function log_append(log, tail, conversation, line)
  local position = redis.call('RPUSH', log, line)
  redis.call('XADD', tail, 'MAXLEN', '~', 10000, '*', 'c', conversation, 'p', position)
  return position
end
