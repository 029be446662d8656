#!lua flags=allow-oom
-- Assigns a ticket by hand, whatever it was before; with an expected holder, only while that agent has it or is offered it,
-- or it is offered to the one who gets it.
--
--#keys ticket: HASH, desk
--#args now: number, agent, actor, force: flag (beyond capacity), reason, expects: flag, holder (whom it expects; '' for nobody)
-- Returns {OK}, {SAME}, {MISSING}, {FINISHED, status}, {HELD, by whom}, {OFFERED, to whom}, {FREE}, {FULL}.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
local status, assignee = ticket_get(ticket, 'status'), ticket_get(ticket, 'assignee')
if assignee == agent then return { 'SAME' } end
if is_finished(status) then return { 'FINISHED', status } end
local offer = ticket_get(ticket, 'offer')
local offered = offer and offer.agent
local theirs = offered == agent and not assignee -- an offer that came meanwhile to the very agent takes it from nobody
if expects and not theirs and (assignee or offered or '') ~= holder then
  return assignee and { 'HELD', assignee } or offered and { 'OFFERED', offered } or { 'FREE' }
end
local occupied = ticket_get(ticket, '_occupies') == agent
local full = is_active(status) and not occupied and not agent_room(ticket, agent)
if full and not force then return { 'FULL' } end

ticket_assign(ticket, agent, now)
ticket_save(ticket, 'ticket.assigned', now, actor, ',"changes":{"assignee":[' .. (assignee and json_text(assignee) or 'null')
  .. ',' .. json_text(agent) .. '],"forced":' .. tostring(full) .. ',"reason":' .. json_text(reason) .. '}')
return { 'OK' }
