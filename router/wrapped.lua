#!lua flags=allow-oom
-- The time for wrapping up what an agent is done with may be over: then they have room for something else.
--
--#keys desk
--#args now: number, agent
-- Returns how much of it was over.
--#include agent_change.lua
local ended = free_agents.wrapped(desk.agents, desk.staff, agent, now)
if ended > 0 then agent_event(desk, agent, 'freed') end
return ended
