#!lua flags=allow-oom
-- A sign of life of an agent who is not offline. By a desk page it counts for those who set their presence there; anybody
-- else who is given a time with it is watched from then on.
--
--#keys desk
--#args now: number, agent, page: flag, span?: number (ms; none: as it was)
-- Returns nothing of interest.
--#include agent_watch.lua
local watched = agent_get(desk, agent, 'watched')
if (agent_get(desk, agent, 'presence') or 'offline') == 'offline' then return 'OFFLINE' end
if page and watched ~= 'page' then return 'UNWATCHED' end
local known = tonumber(agent_get(desk, agent, 'span') or 0)
if not page and span and (watched ~= 'span' or span < known) then
  agent_watch(desk, agent, 'span', span, now)
elseif watched then
  redis.call('HSET', desk.agents, agent .. '.alive_at', now)
  if span and not page then redis.call('HSET', desk.agents, agent .. '.span', span) end
end
return 'OK'
