#!lua flags=allow-oom
-- Assigns a ticket by hand, whatever it was before.
--
--#keys ticket: HASH, desk
--#args now: number, agent, actor, force: flag (beyond capacity), reason
-- Returns {OK}, {SAME}, {MISSING}, {FINISHED, status}, {FULL}.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
local status, assignee, charged = ticket_get(ticket, 'status'), ticket_get(ticket, 'assignee'), ticket_get(ticket, '_charged')
if assignee == agent then return { 'SAME' } end
if status == 'closed' or status == 'solved' then return { 'FINISHED', status } end
local full = is_active(status) and charged ~= agent and not agent_room(ticket, agent)
if full and not force then return { 'FULL' } end

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
  .. ',' .. json_text(agent) .. '],"forced":' .. tostring(full) .. ',"reason":' .. json_text(reason) .. '}')
return { 'OK' }
