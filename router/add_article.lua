#!lua flags=allow-oom
-- Adds a reply or a note to a ticket, sends the reply on its way, and changes the status if one comes along.
--
--#keys ticket: HASH, desk, places: article_places, article: HASH, threads: HASH, outbox, blobs
--#args now: number, actor, plan: json, fields... (names and pieces of the article)
--   plan: kind, article, ticket, thread, status, resolution, from, take, blobs, changes, repeats (it brings what was written
--   before once more), participant, assurance (who takes part from now on)
-- Returns {OK, revision}, {MISSING}, {NOT_FROM, status}, {EXISTS}, {BLOB_CONDEMNED, sha256}.
--#include ../queue/blob_reference.lua
--#include ticket.lua
--#include article.lua
--#include outbox.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
if redis.call('EXISTS', article) == 1 then return { 'EXISTS' } end
local status = ticket_get(ticket, 'status')
if plan.status and not plan.from[status] then return { 'NOT_FROM', status } end
for _, sha in ipairs(plan.blobs) do
  if not blob_usable(blobs, sha) then return { 'BLOB_CONDEMNED', sha } end
end
for _, sha in ipairs(plan.blobs) do blob_reference(blobs, sha, plan.article) end

-- Whoever answers a ticket that nobody has takes it, if they may and have room: otherwise the router would offer it to a
-- second agent.
local offer = ticket_get(ticket, 'offer')
if plan.take and not ticket_get(ticket, 'assignee') and (not offer or offer.agent == plan.take) and is_active(status)
  and (offer or agent_room(ticket, plan.take)) then
  ticket_assign(ticket, plan.take, now)
  ticket_line(ticket, 'ticket.assigned', now, actor)
end

local count = (ticket_get(ticket, '_article_count') or 0) + 1
redis.call('HSET', article, unpack(fields))
article_place(places, '', '', plan.article, count)
ticket_set(ticket, '_article_count', json_number(count))
local kind = 'message.note_added'
if plan.kind == 'reply' then
  kind = 'message.queued'
  redis.call('HSETNX', threads, plan.thread, plan.ticket)
  redis.call('HSETNX', threads, 'sent:' .. plan.thread, plan.article)
  outbox_push(outbox, plan.ticket, plan.article)
  if not plan.repeats then ticket_set(ticket, '_customer_waits_since', 'null') end
  if ticket_get(ticket, 'first_response_at') == nil and not plan.repeats then
    ticket_set(ticket, 'first_response_at', json_number(now))
  end
end
if plan.participant then ticket_take_part(ticket, plan.participant, plan.assurance) end
local moves = plan.status and plan.status ~= ticket_get(ticket, 'status')
local write = moves and ticket_line or ticket_save
local revision = write(ticket, kind, now, actor, ',"article":' .. record_json(record_of(fields)))
if moves then
  ticket_status(ticket, plan.status, plan.resolution, now)
  revision = ticket_save(ticket, plan.status == 'closed' and 'ticket.closed' or 'ticket.status_changed', now, actor,
    ',"changes":' .. plan.changes)
end
return { 'OK', revision }
