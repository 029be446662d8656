#!lua flags=allow-oom
-- Looks whether an agent who is watched has given a sign of life in time; whoever has not is offline from now on.
--
--#keys desk
--#args now: number, agent, watch: number, grace: number, live_grace: number (ms, for desk pages), live: json (channels)
-- Returns {OFFLINE}, {LATER, when}, {NOTHING} when they are not watched so any more.
--#include agent_watch.lua
local state = redis.call('HMGET', desk.agents, agent .. '.watch', agent .. '.watched', agent .. '.span', agent .. '.alive_at',
  agent .. '.presence', '|faces.at', '|faces.since')
local watched, alive = state[2], tonumber(state[4] or 0)
if tonumber(state[1] or 0) ~= watch or not watched or (state[5] or 'offline') == 'offline' then return { 'NOTHING' } end

local function later(due)
  agent_look_later(desk, agent, watch, due)
  return { 'LATER', due }
end

local faces_at = tonumber(state[6] or 0)
if now - faces_at > FACES_MS then return later(now + FACES_MS) end
local span, heard = tonumber(state[3]), math.max(alive, tonumber(state[7] or 0))
if watched == 'page' then
  if now < heard + live_grace then return later(heard + live_grace) end
  span = agent_has_live_work(desk, agent, live) and live_grace or grace
end
if now < heard + span then return later(watched == 'page' and math.min(heard + span, now + live_grace) or heard + span) end
agent_unwatch(desk, agent)
agent_presence(desk, agent, 'offline', now, 'router', watched == 'page' and 'their desk page is gone' or 'no sign of life in time')
agent_event(desk, agent, 'gone')
return { 'OFFLINE' }
