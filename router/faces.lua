#!lua flags=allow-oom
-- A process that takes signs of life is there.
--
--#keys desk
--#args now: number
-- Returns since when there has been one without a gap.
--#include agent_watch.lua
local at = tonumber(redis.call('HGET', desk.agents, '|faces.at') or 0)
if now - at > FACES_MS then redis.call('HSET', desk.agents, '|faces.since', now) end
redis.call('HSET', desk.agents, '|faces.at', math.max(now, at))
return tonumber(redis.call('HGET', desk.agents, '|faces.since'))
