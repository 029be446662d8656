#!lua flags=allow-oom
-- Changes fields of a ticket: status, queue, priority, tags and the like.
--
--#keys ticket: HASH, desk
--#args now: number, actor, based_on?: number (the revision that was seen), plan: json
--   plan: status, resolution, queue, aim_moved, aim_kept (its aim in another queue, and in this one), anew (it must wait
--   anew), changes, from: {status: true, …}, fields: {name: piece}
-- Returns {OK, revision}, {MISSING}, {CHANGED, revision now}, {NOT_FROM, status}.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
local status, revision = ticket_get(ticket, 'status'), ticket_get(ticket, 'revision')
if based_on and based_on ~= revision then return { 'CHANGED', revision } end
if plan.status and not plan.from[status] then return { 'NOT_FROM', status } end

local kind = 'ticket.updated'
for name, piece in pairs(plan.fields) do ticket_set(ticket, name, piece) end
if plan.queue and plan.queue ~= ticket_get(ticket, 'queue') then
  local waiting = is_active(status)
  ticket_leave(ticket)
  ticket_drop_offer(ticket)
  ticket_discharge(ticket, now)
  ticket_set(ticket, 'assignee', 'null')
  ticket_set(ticket, '_excluded', '{}')
  ticket_set(ticket, 'queue', json_text(plan.queue))
  ticket_set(ticket, '_aim', json_number(plan.aim_moved))
  if waiting then ticket_wait(ticket) end
  kind = 'ticket.moved'
elseif plan.anew then
  local waiting = ticket_get(ticket, '_waiting')
  ticket_leave(ticket)
  ticket_set(ticket, '_aim', json_number(plan.aim_kept))
  if waiting then ticket_wait(ticket) end
end
if plan.status then
  ticket_status(ticket, plan.status, plan.resolution, now)
  if plan.status ~= status then kind = plan.status == 'closed' and 'ticket.closed' or 'ticket.status_changed' end
end
return { 'OK', ticket_save(ticket, kind, now, actor, ',"changes":' .. plan.changes) }
