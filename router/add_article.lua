#!lua flags=allow-oom
-- Adds a reply or a note to a ticket, sends the reply on its way, unless it was sent elsewhere, and changes the status if
-- one comes along.
--
--#keys ticket: HASH, case: HASH (the ticket that stands for it, mostly itself), desk, places: article_places, article: HASH, threads: HASH, outbox, held: held_replies, blobs
--#keys media: work_queue (of files to fetch)
--#args now: number, actor, plan: json, fields... (names and pieces of the article)
--   plan: kind, article, ticket, case, thread, status, resolution, from, take, blobs, repeats (it brings what was written
--   before once more, or a machine wrote it), elsewhere (it was sent there), told (when), unanswered (since when the customer
--   waits all the same, because they wrote after it), sent (the key by which it is found), fetches (files that are not here yet),
--   instead_of (the article that went astray and
--   needs no decision any more), why, participant, assurance (who takes part from now on), invited (identities that may), copied (who else gets its replies from now on, JSON),
--   known (see held_as_known), over (what somebody else had done, in spite of which it is written)
-- Returns {OK, revision}, {MISSING}, {OTHER_CASE, ticket id}, {NOT_FROM, status}, {EXISTS}, {OVERTAKEN} (the case is not as
--       known any more), {BLOB_CONDEMNED, sha256}.
--#include held_reply.lua
--#include case.lua
--#include article.lua
--#include outbox.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
if redis.call('EXISTS', article) == 1 then return { 'EXISTS' } end
local case = case_of(ticket, plan.case, case)
if not case then return { 'OTHER_CASE', ticket_get(ticket, 'merged_into') or plan.ticket } end
if not held_as_known(held, plan.known, ticket_get(case, 'revision'), plan.ticket, plan.case) then return { 'OVERTAKEN' } end
local status = ticket_get(case, 'status')
if plan.status and not plan.from[status] then return { 'NOT_FROM', status } end
for _, sha in ipairs(plan.blobs) do
  if not blob_usable(blobs, sha) then return { 'BLOB_CONDEMNED', sha } end
end
for _, sha in ipairs(plan.blobs) do blob_reference(blobs, sha, plan.article) end

-- Whoever answers a ticket that nobody has takes it, if they may and have room: otherwise the router would offer it to a
-- second agent.
local offer = ticket_get(case, 'offer')
if plan.take and not ticket_get(case, 'assignee') and (not offer or offer.agent == plan.take) and is_active(status)
  and (offer or agent_room(case, plan.take)) then
  ticket_assign(case, plan.take, now)
  ticket_line(case, 'ticket.assigned', now, actor)
end

local count = (ticket_get(ticket, '_article_count') or 0) + 1
redis.call('HSET', article, unpack(fields))
article_place(places, '', '', plan.article, count)
ticket_set(ticket, '_article_count', json_number(count))
local kind = 'message.note_added'
if plan.kind == 'reply' then
  kind = 'message.queued'
  redis.call('HSETNX', threads, plan.thread, plan.ticket)
  redis.call('HSETNX', threads, plan.sent, plan.article)
  if not plan.elsewhere then outbox_push(outbox, plan.ticket, plan.article) end
  if not plan.repeats then
    case_answers(ticket, case, now, plan.told or now, plan.unanswered)
    ticket_set(case, 'status_since', json_number(now))
  end
end
for _, fetch in ipairs(plan.fetches or {}) do work_push(media, fetch.lane, fetch.payload) end
local decided = plan.instead_of and ',"changes":{"delivery":[null,"elsewhere"],"reason":' .. json_text(plan.why) .. '}'
if decided then case_reaches(ticket, case, { [plan.instead_of] = true }, 0) end
if plan.copied then ticket_set(ticket, '_copied', plan.copied) end
for _, identity in ipairs(plan.invited or {}) do ticket_take_part(ticket, identity, -1) end
if plan.participant then ticket_take_part(ticket, plan.participant, plan.assurance) end
if ticket ~= case then ticket_store(ticket) end
local moves = plan.status and plan.status ~= ticket_get(case, 'status')
local write = moves and ticket_line or ticket_save
if plan.over and plan.over ~= '' then
  ticket_line(case, 'ticket.answered_over', now, actor, ',"changes":{"reason":' .. json_text(plan.over) .. '}')
end
if decided then ticket_line(case, 'ticket.delivery_decided', now, actor, decided) end
local revision = write(case, kind, now, actor, ',"article":' .. record_json(record_of(fields)))
if moves then
  ticket_status(case, plan.status, plan.resolution, now)
  revision = ticket_save(case, plan.status == 'closed' and 'ticket.closed' or 'ticket.status_changed', now, actor,
    ',"changes":{"status":[' .. json_text(status) .. ',' .. json_text(plan.status) .. ']}')
end
return { 'OK', revision }
