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

-- What was held for its previous agent looks for anybody, because they are not asked now, or not for this. Of so many.
local function agent_unhold(desk, agent)
  local members, ids = waiting_room.under(desk.room.returning, agent, 0, 100), {}
  for i, member in ipairs(members) do ids[i] = string.match(member, '^[^|]*|%d+|([^|]+)|') end
  if #ids == 0 then return end
  for i, place in ipairs(redis.call('HMGET', desk.room.places, unpack(ids))) do
    if place and cjson.decode(place).state == 'held' then
      offers_push(desk, 'ticket:' .. ids[i], '{"event":"again","ticket":' .. json_text(ids[i]) .. '}')
    end
  end
end

-- What the router chooses from follows what an agent is now. For whoever is not asked any more nothing is held, and they keep
-- no room for a heavy ticket; tickets that wait for somebody on duty who has a token look again when one who has it leaves, or
-- has it no more. With `lost`, it is only noted there which tokens.
local function agent_follows(desk, agent, now, lost)
  local was = free_agents.view(desk.agents, agent)
  local is_asked = free_agents.offerable(was, now)
  if not is_asked then agent_unkeep(desk, was, now) end
  local left = free_agents.presence(desk.agents, desk.staff, agent, now)
  for _, token in ipairs(left) do
    if lost then lost[token] = true else agent_deserts(desk, token) end
  end
  if left[1] or not is_asked then agent_unhold(desk, agent) end
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
