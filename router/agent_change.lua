-- Changes an agent's presence, with its line in the feed. The epoch rises with every sign of life, so that offers they
-- missed, declined or gave back before it no longer keep them from a ticket.
--#include ticket.lua
local function agent_presence(desk, agent, presence, now, actor)
  local revision = redis.call('HINCRBY', desk.agents, agent .. '.revision', 1)
  redis.call('HSET', desk.agents, agent .. '.presence', presence, agent .. '.presence_since', now)
  feed_append(desk.feed, 'agent.presence_changed', agent, revision, now,
    '{"agent":{"id":' .. json_text(agent) .. ',"presence":' .. json_text(presence) .. '},"actor":' .. json_text(actor) .. '}')
end
