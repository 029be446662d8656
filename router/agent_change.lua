-- Changes an agent's presence, with its line in the feed. The epoch rises with every sign of life, so that offers they
-- missed, declined or gave back before it no longer keep them from a ticket. Expects KEYS[4] agents, KEYS[5] feed, KEYS[6] feed position.
local function agent_presence(agent, presence, now, actor)
  local revision = redis.call('HINCRBY', KEYS[4], agent .. '.revision', 1)
  redis.call('HSET', KEYS[4], agent .. '.presence', presence, agent .. '.presence_since', now)
  feed_append(KEYS[5], KEYS[6], 'agent.presence_changed', agent, revision, now,
    '{"agent":{"id":' .. json_text(agent) .. ',"presence":' .. json_text(presence) .. '},"actor":' .. json_text(actor) .. '}')
end
