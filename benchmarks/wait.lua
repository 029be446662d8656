#!lua flags=allow-oom
-- A ticket that begins to wait, without a message and a customer; what follows is the router's.
--
--#keys ticket: HASH, desk
--#args now: number, fields: json (each with its JSON as text)
--#include ../router/ticket.lua
local waiting = ticket_new(desk, ticket, fields)
ticket_wait(waiting)
ticket_save(waiting, 'ticket.created', now, 'benchmark')
return 'OK'
