#!lua flags=allow-oom
-- Says what became of an outgoing article: after a send, from a receipt, or by an agent's word. What an agent wrote and
-- did not arrive wakes its ticket, once: otherwise it rests as if the customer had been answered.
--
--#keys ticket: HASH, case: HASH (the ticket that stands for it, mostly itself), desk, article: HASH, threads: HASH, outbox
--#args now: number, actor, case_id, article_id, state, detail, sequence?: number (of the outbox entry), kind (of the feed line)
--#args came_from (states, separated by spaces), reference? (the provider's), resend: flag
-- Returns {OK}, {MISSING}, {NOT_FROM, state} or {OTHER_CASE, id of the ticket that stands for it}.
--#include case.lua
--#include outbox.lua
local ANSWERED = { queued = resend, sent = true, delivered = true, read = true }

local ticket, fields = ticket_load(desk, ticket), record_load(article)
local delivery = json_value(fields.delivery)
if not ticket or not delivery then return { 'MISSING' } end
local case = case_of(ticket, case_id, case)
if not case then return { 'OTHER_CASE', ticket_get(ticket, 'merged_into') or ticket_get(ticket, 'id') } end
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
if same then return { 'OK' } end

local lost = state == 'failed' and json_value(fields.author).kind == 'agent'
local was = ticket_get(case, 'status')
local line = ',"article":' .. record_json(fields)
if lost then
  ticket_set(case, 'undelivered', 'true')
  if not ticket_get(case, '_customer_waits_since') then ticket_set(case, '_customer_waits_since', json_number(now)) end
elseif ticket_get(case, 'undelivered') and ANSWERED[state] then
  ticket_set(case, 'undelivered', 'false')
end
if lost and not is_active(was) and was ~= 'closed' then
  ticket_line(case, kind, now, actor, line)
  ticket_status(case, 'open', 'null', now)
  kind = was == 'solved' and 'ticket.reopened' or 'ticket.status_changed'
  line = ',"changes":{"status":[' .. json_text(was) .. ',"open"],"reason":"an answer did not arrive"}'
end
ticket_save(case, kind, now, actor, line)
return { 'OK' }
