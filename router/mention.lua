#!lua flags=allow-oom
-- Tells agents that a note names them: each has the ticket among those in which they are mentioned, until they read it.
--
--#keys ticket: HASH, desk, mentions...: ZSET (of each agent: tickets by when they were mentioned in them, the newest only)
--#args now: number, actor, kept: number (tickets of an agent), agents... (in the order of the keys)
-- Returns OK, or MISSING.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return 'MISSING' end
for _, key in ipairs(mentions) do
  redis.call('ZADD', key, now, ticket_get(ticket, 'id'))
  redis.call('ZREMRANGEBYRANK', key, 0, -kept - 1)
end
ticket_save(ticket, 'ticket.mentioned', now, actor, ',"changes":{"mentioned":' .. cjson.encode(agents) .. '}')
return 'OK'
