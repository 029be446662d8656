#!lua flags=allow-oom
-- Changes fields of a ticket: status, queue, priority, tags and the like.
--
--#keys ticket: HASH, desk
--#args now: number, actor, based_on?: number (the revision that was seen), plan: json
--   plan: status, resolution, queue, changes, from: {status: true, …}, fields: {name: piece}
-- Returns {OK, revision}, {MISSING}, {CHANGED, revision now}, {NOT_FROM, status}.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
local status, revision = ticket_get(ticket, 'status'), ticket_get(ticket, 'revision')
if based_on and based_on ~= revision then return { 'CHANGED', revision } end
if plan.status and not plan.from[status] then return { 'NOT_FROM', status } end

local kind, facts = 'ticket.updated', waiting_facts(ticket)
for name, piece in pairs(plan.fields) do ticket_set(ticket, name, piece) end
if plan.queue and plan.queue ~= ticket_get(ticket, 'queue') then
  ticket_set(ticket, '_excluded', '{}')
  ticket_set(ticket, 'queue', json_text(plan.queue))
  ticket_unassign(ticket, now)
  kind = 'ticket.moved'
else
  ticket_wait_anew(ticket, facts)
end
-- Somebody has said how urgent it is: what it owed for tickets that were merged into it counts no more.
if plan.fields._sla and ticket_get(ticket, '_own_clock') then
  local clocks = ticket_get(ticket, 'clocks')
  clocks.first_response = ticket_get(ticket, '_own_clock')
  ticket_set(ticket, 'clocks', cjson.encode(clocks))
  ticket_set(ticket, '_own_clock', 'null')
end
if plan.status then
  ticket_status(ticket, plan.status, plan.resolution, now)
  if plan.status ~= status then kind = plan.status == 'closed' and 'ticket.closed' or 'ticket.status_changed' end
end
return { 'OK', ticket_save(ticket, kind, now, actor, ',"changes":' .. plan.changes) }
