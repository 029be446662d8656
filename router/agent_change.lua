-- Changes an agent's presence, with its line in the feed: who or what set it, and why, is kept beside it. The epoch rises with every sign of life, so that offers they
-- missed, declined or gave back before it no longer keep them from a ticket.
--
-- Whoever goes offline begins an absence, with a number of its own: what is done because of an absence is done while it
-- lasts (router/absence.py). Whoever is not on duty any more may have been the last who speaks a language.
--#include ticket.lua
local ON_DUTY = { available = true, busy = true }

local function agent_event(desk, agent, event)
  offers_push(desk, 'agent:' .. agent, '{"event":' .. json_text(event) .. ',"agent":' .. json_text(agent) .. '}')
end

local function agent_presence(desk, agent, presence, now, actor, reason)
  local before = agent_get(desk, agent, 'presence') or 'offline'
  local revision = redis.call('HINCRBY', desk.agents, agent .. '.revision', 1)
  redis.call('HSET', desk.agents, agent .. '.presence', presence, agent .. '.presence_since', now,
    agent .. '.presence_by', actor, agent .. '.presence_reason', reason)
  feed_append(desk.feed, 'agent.presence_changed', agent, revision, now,
    '{"agent":{"id":' .. json_text(agent) .. ',"presence":' .. json_text(presence) .. ',"reason":' .. json_text(reason)
    .. '},"actor":' .. json_text(actor) .. '}')
  if presence == 'offline' then
    redis.call('HINCRBY', desk.agents, agent .. '.absence', 1)
    agent_event(desk, agent, 'absent')
  end
  if ON_DUTY[before] and not ON_DUTY[presence] then agent_event(desk, agent, 'off_duty') end
end
