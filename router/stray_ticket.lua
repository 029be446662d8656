#!lua flags=allow-oom
-- Brings a ticket whose queue is no longer in the configuration to another. Its agent keeps it, and so does whoever it is
-- offered to; its due stays.
--
--#keys ticket: HASH, desk
--#args now: number, from, queue
-- Returns {OK}, {NOTHING} when it is not there any more, or closed.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket or ticket_get(ticket, 'queue') ~= from or ticket_get(ticket, 'status') == 'closed' then return { 'NOTHING' } end
local facts = waiting_facts(ticket)
ticket_set(ticket, 'queue', json_text(queue))
ticket_set(ticket, '_excluded', '{}')
ticket_wait_anew(ticket, facts)
ticket_save(ticket, 'ticket.moved', now, 'router', ',"changes":{"queue":[' .. json_text(from) .. ',' .. json_text(queue)
  .. '],"reason":"the queue is no longer in the configuration"}')
return { 'OK' }
