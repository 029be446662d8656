#!lua flags=allow-oom
-- An agent says how they are: available, busy, away or offline. Saying it is a sign of life.
--
-- KEYS  1..11 see ticket.lua (no ticket: 1 is not used)
-- ARGV  1 now, 2 agent, 3 presence, 4 actor
-- Returns the presence before.
--#include ../queue/work.lua
--#include ../queue/feed.lua
--#include record.lua
--#include agent_change.lua
local now, agent, presence = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local before = redis.call('HGET', KEYS[4], agent .. '.presence') or 'offline'
redis.call('HINCRBY', KEYS[4], agent .. '.epoch', 1)
redis.call('HSET', KEYS[4], agent .. '.missed', 0)
if presence == 'available' and before ~= 'available' then
  redis.call('HSET', KEYS[4], agent .. '.idle_since', now)
end
if before ~= presence then agent_presence(agent, presence, now, ARGV[4]) end
work_push(work_queue(7), 'agent:' .. agent,
  '{"event":' .. (presence == 'offline' and '"gone"' or '"freed"') .. ',"agent":' .. json_text(agent) .. '}')
return before
