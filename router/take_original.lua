#!lua flags=allow-oom
-- Makes the writer of a message that was passed on the ticket's customer, or undoes that.
--
--#keys ticket: HASH, desk, identities: HASH, directory: ZSET (of customers)
--#keys customers...: HASH (every record that was seen or changes)
--#args now: number, actor, plan: json (see router/original_writers.py)
-- Returns OK, MISSING, CHANGED (somebody has decided meanwhile) or CONFLICT (a record changed).
--#include ticket.lua
--#include customer.lua
if not identities_are_as_seen(identities, plan.identities) then return 'CONFLICT' end
if not customers_are_as_seen(customers, plan.customers) then return 'CONFLICT' end
local ticket = ticket_load(desk, ticket)
if not ticket then return 'MISSING' end
if (ticket.stored.original_writer or 'null') ~= plan.seen then return 'CHANGED' end

customers_change(desk.clocks, customers, directory, plan.customers)
identities_register(identities, plan.register)
for name, piece in pairs(plan.fields) do ticket_set(ticket, name, piece) end
ticket_save(ticket, 'ticket.updated', now, actor, ',"changes":' .. plan.changes)
return 'OK'
