#!lua flags=allow-oom
-- An agent says how they are: available, busy, away or offline. Saying it is a sign of life.
--
--#keys desk
--#args now: number, agent, presence, actor
-- Returns the presence before.
--#include agent_change.lua
local before = agent_get(desk, agent, 'presence') or 'offline'
redis.call('HINCRBY', desk.agents, agent .. '.epoch', 1)
redis.call('HSET', desk.agents, agent .. '.missed', 0)
if presence == 'available' and before ~= 'available' then
  redis.call('HSET', desk.agents, agent .. '.idle_since', now)
end
if before ~= presence then agent_presence(desk, agent, presence, now, actor) end
agent_event(desk, agent, presence == 'offline' and 'gone' or 'freed')
return before
