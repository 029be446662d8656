#!lua flags=allow-oom
-- Raises a mark of a conversation to a position of its log, and never lowers it.
--
-- KEYS  log LIST, state HASH, tail STREAM
-- ARGV  conversation, name of the mark, position
-- Returns what the mark was before; 0 when there was none.
local field = 'mark:' .. ARGV[2]
local before = tonumber(redis.call('HGET', KEYS[2], field) or '0')
local position = math.min(tonumber(ARGV[3]), redis.call('LLEN', KEYS[1]))
if position > before then
  redis.call('HSET', KEYS[2], field, string.format('%.0f', position))
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'c', ARGV[1], 'p', 0)
end
return before
