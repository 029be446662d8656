#!lua flags=allow-oom
-- Says what became of an outgoing article: after a send, from a receipt, or by an agent's word.
--
--#keys ticket: HASH, desk, article: HASH, threads: HASH, outbox
--#args now: number, actor, article_id, state, detail, sequence?: number (of the outbox entry), kind (of the feed line)
--#args came_from (states, separated by spaces), reference? (the provider's), resend: flag
-- Returns {OK}, {MISSING} or {NOT_FROM, state}.
--#include ticket.lua
--#include outbox.lua
local ticket, fields = ticket_load(desk, ticket), record_load(article)
local delivery = json_value(fields.delivery)
if not ticket or not delivery then return { 'MISSING' } end
local id = ticket_get(ticket, 'id')
if sequence and state ~= 'queued' then
  redis.call('ZREM', outbox.unsent, outbox_member(id, sequence))
end
if not string.find(' ' .. came_from .. ' ', ' ' .. delivery.state .. ' ', 1, true) then return { 'NOT_FROM', delivery.state } end
if reference ~= '' then
  redis.call('HSETNX', threads, 'sent:' .. json_value(fields.channel) .. ':' .. reference, article_id)
end
if resend then outbox_push(outbox, id, article_id) end
local same = delivery.state == state or (delivery.state == 'sending' and state == 'queued')
fields.delivery = cjson.encode({ state = state, detail = detail, at = now, attempts = delivery.attempts or 0,
  queued_at = resend and now or delivery.queued_at })
redis.call('HSET', article, 'delivery', fields.delivery)
if not same then
  ticket_save(ticket, kind, now, actor, ',"article":' .. record_json(fields))
end
return { 'OK' }
