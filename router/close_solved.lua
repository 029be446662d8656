#!lua flags=allow-oom
-- Closes a ticket that has been solved for long enough, unless it was opened meanwhile, or solved anew.
--
--#keys ticket: HASH, desk
--#args now: number, solved_at: number (when the ticket was solved that was found), reason
-- Returns CLOSED, or OTHERWISE when it stands otherwise by now.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket or ticket_get(ticket, 'status') ~= 'solved' or ticket_get(ticket, '_solved_at') ~= solved_at then return 'OTHERWISE' end
ticket_status(ticket, 'closed', ticket.stored.resolution, now)
ticket_save(ticket, 'ticket.closed', now, 'router', ',"changes":{"status":["solved","closed"],"reason":' .. json_text(reason) .. '}')
return 'CLOSED'
