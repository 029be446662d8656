#!lua flags=allow-oom
-- Files one message: customer, ticket in its queue, article, thread keys, acknowledgement and feed, or nothing at all.
--
-- The caller has resolved who wrote and what the message joins, and has chosen all new ids. First everything it relied
-- on is checked again; if anything has changed since, the answer says so and nothing is written.
--
--#keys intake: work_queue, settling: work_settling (of intake), register: dedup_register (of what is filed)
--#keys copies: dedup_register (by what copies share), awaited: dedup_register (see await_message.lua), ticket: HASH, case: HASH (the ticket that stands for it, mostly itself)
--#keys desk, places: article_places, article: HASH, acknowledgement: HASH (the article of it), outbox, blobs
--#keys media: work_queue (of files to fetch)
--#keys proofs, identities: HASH, threads: HASH, counters: HASH, acknowledgements, senders: HASH (how many messages, by sender)
--#keys directory: ZSET (of customers), passed_on: ZSET (see router/passed_on.py), customers...: HASH (every record that was seen or changes)
--#args now: number, plan: json (see router/filing_plan.py), own, shared (digests of its filing keys; '' without)
--#args own_seen, shared_seen (what was found under them)
--#args ticket_fields..., article_fields..., acknowledgement_fields... (names and pieces)
-- Returns {FILED, ticket id, number}, {KNOWN}, {STALE}, {CONFLICT, what}, {CLOSED, ticket id}, {BLOB_CONDEMNED, sha256}
--       or {TOO_MANY}: the sender has had so many filed within this hour.
--#include ../queue/dedup.lua
--#include ../queue/blob_reference.lua
--#include acknowledge.lua
--#include awaited.lua
--#include confirmation.lua
--#include customer.lua
--#include proofs.lua
-- Checks. Nothing is written before the last of them.

if plan.lane and not work_holds(intake, plan.lane, plan.token) then return { 'STALE' } end
if (redis.call('HGET', register.records, own) or '') ~= own_seen then return { 'KNOWN' } end
if shared ~= '' and (redis.call('HGET', copies.records, shared) or '') ~= shared_seen then return { 'KNOWN' } end
if not identities_are_as_seen(identities, plan.identities) then return { 'CONFLICT', 'identity' } end
for key, expected in pairs(plan.threads) do
  if (redis.call('HGET', threads, key) or '') ~= expected then return { 'CONFLICT', key } end
end
if plan.proof and (redis.call('HGET', proofs.records, plan.proof.ticket) or '') ~= plan.proof.seen then
  return { 'CONFLICT', 'proof' }
end
if not customers_are_as_seen(customers, plan.customers) then return { 'CONFLICT', 'customer' } end
local ticket_key = ticket
ticket = ticket_load(desk, ticket_key)
if plan.new == (ticket ~= nil) then return { 'CONFLICT', 'ticket' } end
case = ticket and case_of(ticket, plan.case, case)
if ticket and not case then return { 'CONFLICT', 'case' } end
if case and ticket_get(case, 'status') == 'closed' then return { 'CLOSED', plan.case } end
if case and plan.status_seen ~= '' and ticket_get(case, 'status') ~= plan.status_seen then return { 'CONFLICT', 'status' } end
if ticket and (ticket.stored.fields or '{}') ~= plan.fields_seen then return { 'CONFLICT', 'fields' } end
for _, sha in ipairs(plan.blobs) do
  if not blob_usable(blobs, sha) then return { 'BLOB_CONDEMNED', sha } end
end
if plan.cap and window_count(senders, HOUR, plan.cap.name, now) >= plan.cap.most then return { 'TOO_MANY' } end

if plan.cap then window_add(senders, HOUR, plan.cap.name, now) end
for _, sha in ipairs(plan.blobs) do blob_reference(blobs, sha, plan.article) end

-- The customer.

customers_change(desk.clocks, customers, directory, plan.customers)
identities_register(identities, plan.register_identities)
customers_tell(desk.feed, plan.wrote, plan.wrote_revision, plan.customer_events, now)

-- The ticket.

local woken = false
local settled = confirmation.said(case, plan)
local solves = settled and plan.solves and confirmation.may_solve(case, plan.wrote)
if plan.new then
  local number = 'T-' .. redis.call('HINCRBY', counters, 'ticket', 1)
  local fields = record_of(ticket_fields)
  fields.number = json_text(number)
  redis.call('HSET', threads, 'number:' .. number, plan.ticket)
  ticket = ticket_new(desk, ticket_key, fields)
  case = ticket
  ticket_wait(ticket)
  ticket_line(ticket, 'ticket.created', now, plan.actor)
elseif plan.wakes and not solves and not is_active(ticket_get(case, 'status')) then
  local was = ticket_get(case, 'status')
  woken = true
  ticket_status(case, 'open', 'null', now)
  ticket_line(case, was == 'solved' and 'ticket.reopened' or 'ticket.status_changed', now, plan.actor,
    ',"changes":{"status":[' .. json_text(was) .. ',"open"]}')
end
if plan.wakes and not is_finished(ticket_get(case, 'status')) then
  ticket_offer_settled(case, settled and cjson.encode(settled))
  if settled then ticket_line(case, 'ticket.said_settled', now, plan.actor) end
  if solves then confirmation.solve(case, settled, now) end
end
for _, key in ipairs(plan.register_threads) do redis.call('HSET', threads, key, plan.ticket) end
if not plan.new then
  for name, piece in pairs(record_of(ticket_fields)) do ticket_set(ticket, name, piece) end
end
for identity, assurance in pairs(plan.participants) do ticket_take_part(ticket, identity, assurance) end

-- What it says to a request to prove an address.

if plan.proof then
  if plan.proof.left == '' then
    proof_end(proofs, plan.proof.ticket)
  else
    redis.call('HSET', proofs.records, plan.proof.ticket, plan.proof.left)
  end
  ticket_line(case, plan.proof.kind, now, plan.actor, ',"changes":{"proof":[null,' .. json_text(plan.proof.told) .. ']}')
end

-- The article.

do
  local count = (ticket_get(ticket, '_article_count') or 0) + 1
  redis.call('HSET', article, unpack(article_fields))
  for _, member in ipairs(plan.passed_on) do redis.call('ZADD', passed_on, 0, member) end
  local after = article_place(places, plan.scope, plan.order, plan.article, count)
  ticket_set(ticket, '_article_count', json_number(count))
  ticket_set(ticket, 'last_message_at', json_number(now))
  case_hears(ticket, case, now, plan.wakes and not solves, woken)
  local acknowledges = plan.acknowledge
    and may_acknowledge(acknowledgements, directory, plan.acknowledge.limits, now)
  local write = acknowledges and ticket_line or ticket_save
  write(case, 'message.received', now, plan.actor,
    ',"article":' .. record_json(record_of(article_fields)) .. (after and ',"after":' .. json_text(after) or ''))

  if acknowledges then
    ticket_acknowledge(ticket, now, outbox, threads, places, acknowledgement, acknowledgement_fields, plan.acknowledge)
  end
end

for _, fetch in ipairs(plan.fetches) do work_push(media, fetch.lane, fetch.payload) end

-- What did not come through intake takes a number of it, so that its record grows old like all others.
do
  -- The places of the copies that came before, as they stand behind the newest: the last two and the first, which nobody
  -- who sends others under its id can push out.
  local function copies_behind(known)
    if known == '' then return '' end
    if #known < 4 * 74 - 1 then return ',' .. known end
    return ',' .. string.sub(known, 1, 2 * 74) .. string.sub(known, -73)
  end

  local arrived = plan.intake_sequence > 0 and plan.intake_sequence or redis.call('HINCRBY', intake.state, 'seq', 1)
  local place = plan.ticket .. ':' .. plan.article
  dedup_remember(register, own, place, arrived)
  if shared ~= '' then
    dedup_remember(copies, shared, place .. copies_behind(shared_seen), arrived)
  end
end
amendments_come(intake, settling, awaited, own, now)
if plan.lane and plan.done then work_finish(intake, settling, plan.lane, plan.sequence, plan.release) end
return { 'FILED', plan.ticket, ticket_get(ticket, 'number') }
