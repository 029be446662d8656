#!lua flags=allow-oom
-- An agent accepts the offer of a ticket, or takes one that nobody was offered; taking over, also from an agent who is
-- offline.
--
--#keys ticket: HASH, desk
--#args now: number, agent, actor, may_take: flag (eligible for the queue), force: flag (beyond capacity, by hand)
--#args take_over: flag, expects: flag, holder (of whom it is taken over, as its taker sees it)
-- Returns {OK}, {SAME}, {MISSING}, {FINISHED, status}, {OFFERED, to whom}, {HELD, by whom}, {FULL}, {INELIGIBLE}.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
local status, offer, assignee = ticket_get(ticket, 'status'), ticket_get(ticket, 'offer'), ticket_get(ticket, 'assignee')
if assignee == agent then return { 'SAME' } end
if is_finished(status) then return { 'FINISHED', status } end
local absent = assignee and take_over and (not expects or assignee == holder) and (agent_get(desk, assignee, 'presence') or 'offline') == 'offline'
if assignee and not absent then return { 'HELD', assignee } end
if offer and offer.agent ~= agent then return { 'OFFERED', offer.agent } end

if not offer then
  if not may_take then return { 'INELIGIBLE' } end
  if is_active(status) and not force and not agent_room(ticket, agent) then return { 'FULL' } end
end
ticket_assign(ticket, agent, now)
redis.call('HSET', desk.agents, agent .. '.missed', 0)
local changes = absent and ',"changes":{"assignee":[' .. json_text(assignee) .. ',' .. json_text(agent) .. ']}' or nil
ticket_save(ticket, 'ticket.assigned', now, actor, changes)
return { 'OK' }
