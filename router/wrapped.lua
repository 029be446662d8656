#!lua flags=allow-oom
-- The time for wrapping up what an agent is done with may be over: then they have room for something else. A look that comes
-- too early, because clocks differ or were set back, comes again at its time.
--
--#keys desk
--#args now: number, agent, asked_for?: number (when this look was to be)
-- Returns how much of it was over.
--#include agent_change.lua
local ended = free_agents.wrapped(desk.agents, desk.staff, agent, now)
if ended > 0 then agent_event(desk, agent, 'freed') end
if asked_for and asked_for > now and redis.call('HEXISTS', desk.agents, agent .. '.wrapping') == 1 then
  free_agents.asks_later(desk, agent, asked_for)
end
return ended
