#!lua flags=allow-oom
-- Looks at an agent's shift: near its end nothing is offered to them any more, and at its end they are offline, unless they
-- have said since then how they are, or have a live conversation to finish.
--
-- Of an agent who has shifts: .closes_at (from when on nothing is offered), .shift_ends, .shift_look (when the next look
-- is; so that there is one on its way whatever is looked at besides). `closes_at` and `ends_at` are of the shift of now, or
-- the next one; 0 for an agent who has none.
--
--#keys desk
--#args now: number, agent, closes_at: number, ends_at: number, overtime: number (ms), live: json (channels)
--#args asked_for?: number (when this look was to be)
-- Returns {OFFLINE}, {FINISHING} while a conversation goes on, {NOTHING}.
--#include agent_watch.lua
local LOOK_MS = 60000 -- so often, while a conversation goes on

local function known(name)
  return tonumber(agent_get(desk, agent, name) or 0)
end

-- There is one chain of looks: one that is on its way and comes in time is enough.
local function look_later(due)
  local look = known('shift_look')
  if look > now and look <= due and asked_for ~= look then return end
  redis.call('HSET', desk.agents, agent .. '.shift_look', due)
  offers_push(desk, 'agent:' .. agent, '{"event":"shift","agent":' .. json_text(agent) .. ',"at":' .. json_number(due) .. '}', due)
end

local ended, presence = known('shift_ends'), agent_get(desk, agent, 'presence') or 'offline'
local over = ended > 0 and ended <= now and presence ~= 'offline' and known('said_at') <= ended
if over and ends_at > 0 and now < ended + overtime and agent_has_live_work(desk, agent, live) then
  agent_follows(desk, agent, now)
  look_later(math.min(now + LOOK_MS, ended + overtime))
  return { 'FINISHING' }
end

local answer, offerable = 'NOTHING', free_agents.offerable(free_agents.view(desk.agents, agent), now)
if ends_at > 0 then
  redis.call('HSET', desk.agents, agent .. '.closes_at', closes_at, agent .. '.shift_ends', ends_at)
  look_later(closes_at > now and closes_at or ends_at)
else
  redis.call('HDEL', desk.agents, agent .. '.closes_at', agent .. '.shift_ends', agent .. '.shift_look')
end
if over then
  agent_unwatch(desk, agent)
  agent_presence(desk, agent, 'offline', now, 'router', 'their shift is over')
  agent_event(desk, agent, 'gone')
  answer = 'OFFLINE'
else
  agent_follows(desk, agent, now)
  if not offerable and free_agents.offerable(free_agents.view(desk.agents, agent), now) then agent_event(desk, agent, 'freed') end
end
return { answer }
