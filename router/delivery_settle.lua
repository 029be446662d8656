#!lua flags=allow-oom
-- Says what became of an outgoing article: after a send, from a receipt, or by an agent's word. What an agent answered and
-- did not arrive, or perhaps did not, wakes its ticket once, for its agent or for its queue when they are not there:
-- otherwise it rests as if the customer had been answered. What answers by itself (an acknowledgement) is no answer.
--
--#keys ticket: HASH, case: HASH (the ticket that stands for it, mostly itself), desk, article: HASH, threads: HASH, outbox
--#args now: number, actor, case_id, article_id, state, detail, sequence?: number (of the outbox entry), kind (of the feed line)
--#args came_from (states, separated by spaces), resend: flag, by_hand: flag (somebody decides), why?, absent: flag (the channel says that it is not there)
--#args receipt: flag (the channel tells it of a message), part: number (which of several it was, 0: not told), last: flag (no other comes after it)
--#args shown? (key of a message that the channel shows), needed: number (of parts there are), parts... (which of them it may be), known_as... (keys of the threads)
-- With `shown` the channel shows a message that says what the article, or a part of it, says: it was sent when all is shown.
-- What is shown of one that is being sent is kept for the moment in which its fate would be unknown.
-- Keys of messages with another state than `sent` are those of a part of it: the rest is not sent.
-- Returns {OK}, {NOTED} (shown or told of, but not all of it, or it is being sent), {MISSING}, {NOT_FROM, state} or {OTHER_CASE, id of
-- the ticket that stands for it}.
--#include case.lua
--#include outbox.lua
--#include part_receipts.lua
--#include shown.lua
local ARRIVES = { queued = resend, sent = true, delivered = true, read = true }
local LOST = { failed = true, unknown = true }

local ticket, fields = ticket_load(desk, ticket), record_load(article)
local delivery = json_value(fields.delivery)
if not ticket or not delivery then return { 'MISSING' } end
local case = case_of(ticket, case_id, case)
if not case then return { 'OTHER_CASE', ticket_get(ticket, 'merged_into') or ticket_get(ticket, 'id') } end
local id, before = ticket_get(ticket, 'id'), delivery.state
if sequence and state ~= 'queued' then
  redis.call('ZREM', outbox.unsent, outbox_member(id, sequence))
end
for _, key in ipairs(known_as) do redis.call('HSETNX', threads, key, article_id) end
local several = parts_of(fields)
if #known_as > 0 and state ~= 'sent' then several.partly = true end
if receipt and part > 0 and REACHED[state] then several.told[tostring(part)] = true end
parts_write(article, fields, several)
if not string.find(' ' .. came_from .. ' ', ' ' .. before .. ' ', 1, true) then return { 'NOT_FROM', before } end
if receipt and ARRIVES[state] and not parts_whole(several, part, last) then return { 'NOTED' } end

if receipt and state == 'failed' then
  detail = parts_failure(several, part, detail)
  if part > 0 or several.partly then several.failed = part end
elseif by_hand then
  several.failed = nil
  if resend and before == 'failed' then several = { told = {} } end
end

local seen = json_value(fields._shown)
if shown ~= '' then
  seen = seen and seen.needed == needed and seen or { needed = needed, by = {} }
  if not shown_note(seen, parts, shown) then return { 'NOT_FROM', before } end
  redis.call('HSET', article, '_shown', cjson.encode(seen))
  if before == 'unknown' then redis.call('HSETNX', threads, shown, article_id) end
  if before == 'sending' or not shown_whole(seen) then return { 'NOTED' } end
elseif before == 'sending' and (state == 'unknown' or absent) and shown_whole(seen) then
  for _, key in ipairs(shown_whole(seen)) do redis.call('HSETNX', threads, key, article_id) end
  state, detail, kind = 'sent', 'the channel shows it', 'message.sent'
end
if state ~= 'sending' and state ~= 'unknown' then redis.call('HDEL', article, '_shown') end
if ARRIVES[state] and state ~= 'queued' then several.partly = nil end
parts_write(article, fields, several)
if resend then outbox_push(outbox, id, article_id) end
local same = before == state or (before == 'sending' and state == 'queued')
fields.delivery = cjson.encode({ state = state, detail = detail, at = now, attempts = delivery.attempts or 0,
  queued_at = resend and now or delivery.queued_at })
redis.call('HSET', article, 'delivery', fields.delivery)
if same then return { 'OK' } end

local line = ',"article":' .. record_json(fields)
local is_answer = json_value(fields.author).kind == 'agent' or #(json_value(fields.repeats) or {}) > 0
if is_answer and LOST[state] and not LOST[before] then
  case_misses(ticket, case, article_id, now)
  ticket_line(case, kind, now, actor, line)
  kind, line = case_wakes_for_answer(case, now)
elseif is_answer and ARRIVES[state] then
  case_reaches(ticket, case, { [article_id] = true }, state ~= 'queued' and delivery.queued_at or 0)
end
if by_hand then
  ticket_line(case, kind, now, actor, line)
  kind, line = 'ticket.delivery_decided', ',"changes":{"delivery":[' .. json_text(before) .. ',' .. json_text(state) .. '],"reason":'
    .. json_text(why) .. '}'
end
if ticket ~= case then ticket_store(ticket) end
ticket_save(case, kind, now, actor, line)
return { 'OK' }
