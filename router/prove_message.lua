#!lua flags=allow-oom
-- Writes the proof of a message that was filed without it: into the article, onto the ticket and the records of people,
-- and sends the acknowledgement that waited for it.
--
--#keys intake: work_queue, settling: work_settling (of intake), ticket: HASH, desk, places: article_places, article: HASH
--#keys acknowledgement: HASH (the article of it), outbox, threads: HASH, acknowledgements
--#keys directory: ZSET (of customers), customers...: HASH (every record that was seen or changes)
--#args now: number, plan: json (see router/late_proof.py), article_fields..., acknowledgement_fields... (names and pieces)
-- Returns OK, STALE, KNOWN (it was written before) or CONFLICT.
--#include acknowledge.lua
--#include customer.lua
if plan.lane and not work_holds(intake, plan.lane, plan.token) then return 'STALE' end
local author = json_value(redis.call('HGET', article, 'author'))
if not author then return 'KNOWN' end
if redis.call('HEXISTS', article, '_origin_pending') == 0 and author.assurance >= plan.assurance then return 'KNOWN' end
if not customers_are_as_seen(customers, plan.customers) then return 'CONFLICT' end
local ticket = ticket_load(desk, ticket)
if not ticket then return 'KNOWN' end
if json_value(redis.call('HGET', article, 'ticket')) ~= ticket_get(ticket, 'id') then return 'CONFLICT' end -- it was split off

redis.call('HSET', article, unpack(article_fields))
redis.call('HDEL', article, '_origin_pending')
customers_change(desk.clocks, customers, directory, plan.customers)
for identity, assurance in pairs(plan.participants) do ticket_take_part(ticket, identity, assurance) end
if plan.original_writer then ticket_set(ticket, 'original_writer', plan.original_writer) end
if plan.proves_ticket then ticket_set(ticket, 'unproven', 'false') end

local served = ticket_get(ticket, 'acknowledged') or ticket_get(ticket, 'first_response_at') or is_finished(ticket_get(ticket, 'status'))
local acknowledges = plan.acknowledge and not served
  and may_acknowledge(acknowledgements, directory, plan.acknowledge.limits, now)
local write = acknowledges and ticket_line or ticket_save
write(ticket, 'message.updated', now, 'system', ',"article":' .. record_json(record_load(article)))
if acknowledges then
  ticket_acknowledge(ticket, now, outbox, threads, places, acknowledgement, acknowledgement_fields, plan.acknowledge)
end
return 'OK'
