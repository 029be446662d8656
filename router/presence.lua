#!lua flags=allow-oom
-- An agent says how they are, or somebody says it for them: available, busy, away or offline. Saying it is a sign of life,
-- and whoever is available has wrapped up what they were done with.
--
-- It stays so until the next word, unless it is watched: then further signs of life must come (sign_of_life.lua).
--
--#keys desk
--#args now: number, agent, presence, actor, reason, watched? (page or span; none: not at all), span?: number (ms)
-- Returns the presence before.
--#include agent_watch.lua
local before = agent_get(desk, agent, 'presence') or 'offline'
redis.call('HINCRBY', desk.agents, agent .. '.epoch', 1)
redis.call('HSET', desk.agents, agent .. '.missed', 0, agent .. '.said_at', now)
if presence == 'available' and before ~= 'available' then
  redis.call('HSET', desk.agents, agent .. '.idle_since', now)
end
if before ~= presence then
  agent_presence(desk, agent, presence, now, actor, reason)
else
  redis.call('HSET', desk.agents, agent .. '.presence_by', actor, agent .. '.presence_reason', reason)
end
agent_unwatch(desk, agent)
if watched ~= '' and presence ~= 'offline' then agent_watch(desk, agent, watched, span, now) end
if presence == 'available' or presence == 'offline' then free_agents.wrapped(desk.agents, desk.staff, agent, now, 'all') end
agent_event(desk, agent, presence == 'offline' and 'gone' or 'freed')
return before
