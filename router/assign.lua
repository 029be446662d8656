#!lua flags=allow-oom
-- Assigns a ticket by hand, whatever it was before.
--
-- KEYS  1..11 see ticket.lua
-- ARGV  1 now, 2 agent, 3 actor, 4 force (1: beyond capacity), 5 reason
-- Returns {OK}, {SAME}, {MISSING}, {FINISHED, status}, {FULL}.
--#include ../queue/work.lua
--#include ../queue/feed.lua
--#include record.lua
--#include ticket.lua
local now, agent, actor = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local ticket = ticket_load()
if not ticket then return { 'MISSING' } end
local status, assignee, charged = ticket_get(ticket, 'status'), ticket_get(ticket, 'assignee'), ticket_get(ticket, '_charged')
if assignee == agent then return { 'SAME' } end
if status == 'closed' or status == 'solved' then return { 'FINISHED', status } end
local room = agent_room(agent, ticket_get(ticket, 'channel'), ticket_get(ticket, '_weight'))
if is_active(status) and charged ~= agent and not room and ARGV[4] ~= '1' then return { 'FULL' } end

ticket_leave(ticket)
ticket_drop_offer(ticket)
if is_active(status) and charged ~= agent then
  ticket_discharge(ticket, now)
  ticket_charge(ticket, agent)
end
ticket_set(ticket, 'assignee', json_text(agent))
ticket_set(ticket, '_excluded', '{}')
if status == 'new' then ticket_set(ticket, 'status', '"open"') end
ticket_save(ticket, 'ticket.assigned', now, actor, ',"changes":{"assignee":[' .. (assignee and json_text(assignee) or 'null')
  .. ',' .. json_text(agent) .. '],"forced":' .. tostring(not room and is_active(status) and charged ~= agent) .. ',"reason":' .. json_text(ARGV[5]) .. '}')
return { 'OK' }
