#!lua flags=allow-oom
-- Takes a request to prove an address back; its code proves nothing any more.
--
--#keys ticket: HASH, desk, proofs
--#args now: number, actor, request, told (the address as it is told of)
-- Returns OK, MISSING or CHANGED (it was answered, or another was made, meanwhile).
--#include ticket.lua
--#include proofs.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return 'MISSING' end
local id = ticket_get(ticket, 'id')
if redis.call('HGET', proofs.records, id) ~= request then return 'CHANGED' end
proof_end(proofs, id)
ticket_save(ticket, 'ticket.proof_withdrawn', now, actor, ',"changes":{"proof":[' .. json_text(told) .. ',null]}')
return 'OK'
