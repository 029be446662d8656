#!lua flags=allow-oom
-- Adds a reply or a note to a ticket, sends the reply on its way, and changes the status if one comes along.
--
-- KEYS  1..11 see ticket.lua, 12 articles ZSET, 13 scopes ZSET, 14 article HASH, 15 threads HASH, 16..20 the outbox
--       queue, 21 unsent ZSET, 22 blob references, 23 condemned blobs
-- ARGV  1 now, 2 actor, 3 plan: JSON {kind, article, ticket, thread, status, resolution, from, take, blobs, changes,
--       repeats (it brings what was written before once more), participant, assurance (who takes part from now on)},
--       then the flat field list of the article
-- Returns {OK, revision}, {MISSING}, {NOT_FROM, status}, {EXISTS}, {BLOB_CONDEMNED, sha256}.
--#include ../queue/work.lua
--#include ../queue/feed.lua
--#include ../queue/blob_reference.lua
--#include record.lua
--#include ticket.lua
--#include article.lua
local now, actor, plan = tonumber(ARGV[1]), ARGV[2], cjson.decode(ARGV[3])
local ticket = ticket_load()
if not ticket then return { 'MISSING' } end
if redis.call('EXISTS', KEYS[14]) == 1 then return { 'EXISTS' } end
local status = ticket_get(ticket, 'status')
if plan.status and not plan.from[status] then return { 'NOT_FROM', status } end
for _, sha in ipairs(plan.blobs) do
  if not blob_usable(KEYS[23], sha) then return { 'BLOB_CONDEMNED', sha } end
end
for _, sha in ipairs(plan.blobs) do blob_reference(KEYS[22], KEYS[23], sha, plan.article) end

-- Whoever answers a ticket that nobody has takes it, if they may and have room: otherwise the router would offer it to a
-- second agent.
local offer = ticket_get(ticket, 'offer')
if plan.take and not ticket_get(ticket, 'assignee') and (not offer or offer.agent == plan.take) and is_active(status)
  and (offer or agent_room(plan.take, ticket_get(ticket, 'channel'), ticket_get(ticket, '_weight'))) then
  ticket_leave(ticket)
  ticket_drop_offer(ticket)
  if not offer then ticket_charge(ticket, plan.take) end
  ticket_set(ticket, 'assignee', json_text(plan.take))
  ticket_set(ticket, '_excluded', '{}')
  if status == 'new' then ticket_set(ticket, 'status', '"open"') end
  ticket_line(ticket, 'ticket.assigned', now, actor)
end

local fields, count = record_of(ARGV, 4, #ARGV), (ticket_get(ticket, '_articles') or 0) + 1
redis.call('HSET', KEYS[14], unpack(ARGV, 4, #ARGV))
article_place(KEYS[12], KEYS[13], '', '', plan.article, count)
ticket_set(ticket, '_articles', json_number(count))
local kind = 'message.note_added'
if plan.kind == 'reply' then
  kind = 'message.queued'
  redis.call('HSETNX', KEYS[15], plan.thread, plan.ticket)
  redis.call('HSETNX', KEYS[15], 'sent:' .. plan.thread, plan.article)
  local sequence = work_push(work_queue(16), 'ticket:' .. plan.ticket,
    '{"article":' .. json_text(plan.article) .. ',"ticket":' .. json_text(plan.ticket) .. '}')
  redis.call('ZADD', KEYS[21], 0, plan.ticket .. '|' .. string.format('%016d', sequence))
  if not plan.repeats then ticket_set(ticket, '_awaits', 'null') end
  if ticket_get(ticket, 'first_response_at') == nil and not plan.repeats then
    ticket_set(ticket, 'first_response_at', json_number(now))
  end
end
if plan.participant then ticket_take_part(ticket, plan.participant, plan.assurance) end
local moves = plan.status and plan.status ~= ticket_get(ticket, 'status')
local write = moves and ticket_line or ticket_save
local revision = write(ticket, kind, now, actor, ',"article":' .. record_json(fields))
if moves then
  ticket_status(ticket, plan.status, plan.resolution, now)
  revision = ticket_save(ticket, plan.status == 'closed' and 'ticket.closed' or 'ticket.status_changed', now, actor,
    ',"changes":' .. plan.changes)
end
return { 'OK', revision }
