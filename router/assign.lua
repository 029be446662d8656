#!lua flags=allow-oom
-- Assigns a ticket by hand, whatever it was before.
--
--#keys ticket: HASH, desk
--#args now: number, agent, actor, force: flag (beyond capacity), reason
-- Returns {OK}, {SAME}, {MISSING}, {FINISHED, status}, {FULL}.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
local status, assignee = ticket_get(ticket, 'status'), ticket_get(ticket, 'assignee')
if assignee == agent then return { 'SAME' } end
if is_finished(status) then return { 'FINISHED', status } end
local occupied = ticket_get(ticket, '_occupies') == agent
local full = is_active(status) and not occupied and not agent_room(ticket, agent)
if full and not force then return { 'FULL' } end

ticket_assign(ticket, agent, now)
ticket_save(ticket, 'ticket.assigned', now, actor, ',"changes":{"assignee":[' .. (assignee and json_text(assignee) or 'null')
  .. ',' .. json_text(agent) .. '],"forced":' .. tostring(full) .. ',"reason":' .. json_text(reason) .. '}')
return { 'OK' }
