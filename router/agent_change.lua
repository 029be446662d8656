-- Changes an agent's presence, with its line in the feed: who or what set it, and why, is kept beside it. The epoch rises with every sign of life, so that offers they
-- missed, declined or gave back before it no longer keep them from a ticket.
--
-- Whoever goes offline begins an absence, with a number of its own: what is done because of an absence is done while it
-- lasts (router/absence.py).
--#include ticket.lua
local function agent_event(desk, agent, event)
  offers_push(desk, 'agent:' .. agent, '{"event":' .. json_text(event) .. ',"agent":' .. json_text(agent) .. '}')
end

local function agent_unkeep(desk, view, now)
  local place = view.keeps ~= '' and waiting_room.place(desk, view.keeps)
  if place then
    waiting_room.unkeep(desk, place, now)
    waiting_room.store(desk, view.keeps, place)
  end
end

-- One who has a token leaves, or has it no more.
local function agent_deserts(desk, token)
  if waiting_room.under(desk.room.wanting, token, 0, 1)[1] then
    offers_push(desk, 'token:' .. token, '{"event":"deserted","token":' .. json_text(token) .. '}')
  end
end

-- What the router chooses from follows what an agent is now. Whoever is not asked any more keeps no room for a heavy ticket;
-- tickets that wait for somebody on duty who has a token look again when one who has it leaves, or has it no more. With `lost`,
-- it is only noted there which tokens.
local function agent_follows(desk, agent, now, lost)
  local was = free_agents.view(desk.agents, agent)
  if not free_agents.offerable(was, now) then agent_unkeep(desk, was, now) end
  for _, token in ipairs(free_agents.presence(desk.agents, desk.staff, agent, now)) do
    if lost then lost[token] = true else agent_deserts(desk, token) end
  end
end

local function agent_presence(desk, agent, presence, now, actor, reason, lost)
  local revision = redis.call('HINCRBY', desk.agents, agent .. '.revision', 1)
  redis.call('HSET', desk.agents, agent .. '.presence', presence, agent .. '.presence_since', now,
    agent .. '.presence_by', actor, agent .. '.presence_reason', reason)
  agent_follows(desk, agent, now, lost)
  feed_append(desk.feed, 'agent.presence_changed', agent, revision, now,
    '{"agent":{"id":' .. json_text(agent) .. ',"presence":' .. json_text(presence) .. ',"reason":' .. json_text(reason)
    .. '},"actor":' .. json_text(actor) .. '}')
  if presence == 'offline' then
    redis.call('HINCRBY', desk.agents, agent .. '.absence', 1)
    agent_event(desk, agent, 'absent')
  end
end
