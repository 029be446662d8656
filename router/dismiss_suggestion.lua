#!lua flags=allow-oom
-- Takes a suggestion off a ticket, because somebody decided against it.
--
--#keys ticket: HASH, desk
--#args now: number, actor, name (of the field that suggests)
-- Returns OK, also when there was none, or MISSING.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return 'MISSING' end
if not ticket_get(ticket, name) then return 'OK' end
local was = ticket.stored[name]
ticket_set(ticket, name, 'null')
ticket_save(ticket, 'ticket.updated', now, actor, ',"changes":{' .. json_text(name) .. ':[' .. was .. ',null]}')
return 'OK'
