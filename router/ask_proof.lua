#!lua
-- Asks the customer of a ticket to prove an address: remembers the request, and orders the mail that brings the code.
--
--#keys ticket: HASH, desk, proofs, counts: HASH (of this hour), mails: work_queue
--#args now: number, actor, request, good_until: number, payload (of the mail), told (the address as it is told of)
--#args caps: json (what is counted -> how often an hour)
-- Returns {OK}, {MISSING}, {MERGED}, {CLOSED} or {CAPPED, seconds until the hour is over}.
--#include ticket.lua
--#include ../queue/hourly_caps.lua
--#include proofs.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
if ticket_get(ticket, 'merged_into') then return { 'MERGED' } end
if ticket_get(ticket, 'status') == 'closed' then return { 'CLOSED' } end
local wait = hourly_wait(counts, caps, now)
if wait then return { 'CAPPED', wait } end

hourly_count(counts, caps, now)
for _, old in ipairs(redis.call('ZRANGE', proofs.expiry, '-inf', now, 'BYSCORE', 'LIMIT', 0, 20)) do
  proof_end(proofs, old)
end
local id = ticket_get(ticket, 'id')
redis.call('HSET', proofs.records, id, request)
redis.call('ZADD', proofs.expiry, good_until, id)
work_push(mails, id, payload)
ticket_save(ticket, 'ticket.proof_asked', now, actor, ',"changes":{"proof":[null,' .. json_text(told) .. ']}')
return { 'OK' }
