#!lua flags=allow-oom
-- Keeps the highest time that any process of the workspace has seen, since a person set it back for the last time.
--
--#keys mark: STRING, resets: STRING (how often it was set back)
--#args now: number, known?: number (resets that the caller knows of; none: it has just started)
-- Returns {mark, how often it was set back}. A caller that did not know of it raises nothing.
local time, happened = tonumber(redis.call('GET', mark) or 0), tonumber(redis.call('GET', resets) or 0)
if known == happened then
  time = math.max(time, now)
  redis.call('SET', mark, string.format('%.0f', time))
end
return { time, happened }
