#!lua flags=allow-oom
-- Keeps the highest time that any process of the workspace has seen, since a person set it back for the last time.
--
-- KEYS 1 the mark, 2 how often it was set back. ARGV 1 ms, 2 how often as the caller knows ('': it has just started)
-- Returns {mark, how often it was set back}. A caller that did not know of it raises nothing.
local mark, resets = tonumber(redis.call('GET', KEYS[1]) or 0), tonumber(redis.call('GET', KEYS[2]) or 0)
if tonumber(ARGV[2]) == resets then
  mark = math.max(mark, tonumber(ARGV[1]))
  redis.call('SET', KEYS[1], string.format('%.0f', mark))
end
return { mark, resets }
