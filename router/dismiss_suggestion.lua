#!lua flags=allow-oom
-- Takes a suggestion off a ticket, because somebody decided against it; what was done by it is undone.
--
--#keys ticket: HASH, desk
--#args now: number, actor, name (of the field that suggests)
-- Returns OK, also when there was none, or MISSING.
--#include confirmation.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return 'MISSING' end
if not ticket_get(ticket, name) then return 'OK' end
local was, suggested = ticket.stored[name], ticket_get(ticket, name)
if suggested.before and ticket_get(ticket, 'status') == 'solved' then confirmation.undo(ticket, suggested.before, now, actor) end
ticket_set(ticket, name, 'null')
ticket_save(ticket, 'ticket.updated', now, actor, ',"changes":{' .. json_text(name) .. ':[' .. was .. ',null]}')
return 'OK'
