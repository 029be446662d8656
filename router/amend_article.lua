#!lua flags=allow-oom
-- Writes what a message has become by a change (amending.py), or nothing when anything it was worked out from is not so
-- any more. An edit that says something else opens a ticket that waits or is solved; nothing is begun anew by any change.
--
--#keys article: HASH, ticket: HASH, case: HASH (the ticket that stands for it, mostly itself), desk, blobs
--#keys media: work_queue (of files to fetch)
--#args now: number, actor, due (when blobs that nobody else needs may go), plan: json, fields... (names and pieces)
--   plan: article, at (when it came), seen (pieces of the article by name, '' for none), case, status_seen, last (it is the
--   last that a customer said), kind (of the line; '' for none), changes (of the line, JSON), wakes, preview (JSON), unsettles,
--   participant, fetches (see file_fetches.py), blobs (new ones), kept (all that the article names; left out: as they are),
--   gone (fields that it has no more)
-- Returns OK, GONE (there is no such article, or it was erased), CONFLICT or BLOB_CONDEMNED.
--#include case.lua
--#include ../queue/blob_keep.lua
if redis.call('EXISTS', article) == 0 or redis.call('HEXISTS', article, 'erased_at') == 1 then return 'GONE' end
for name, piece in pairs(plan.seen) do
  if (redis.call('HGET', article, name) or '') ~= piece then return 'CONFLICT' end
end
local ticket = ticket_load(desk, ticket)
if not ticket then return 'GONE' end
local case = case_of(ticket, plan.case, case)
if not case or ticket_get(case, 'status') ~= plan.status_seen then return 'CONFLICT' end
local said = ticket_get(ticket, '_preview') or {}
local last = said.article == plan.article or ((said.article or '') == '' and said.at == plan.at)
if plan.last and not last then return 'CONFLICT' end
for _, sha in ipairs(plan.blobs) do
  if not blob_usable(blobs, sha) then return 'BLOB_CONDEMNED' end
end

-- The article.

for _, sha in ipairs(plan.blobs) do blob_reference(blobs, sha, plan.article) end
redis.call('HSET', article, unpack(fields))
if #plan.gone > 0 then redis.call('HDEL', article, unpack(plan.gone)) end
if plan.kept then blob_keep(blobs, plan.article, plan.kept, due) end

for _, fetch in ipairs(plan.fetches) do work_push(media, fetch.lane, fetch.payload) end

-- The ticket.

if plan.preview then
  if case.stored._part_preview == ticket.stored._preview then ticket_set(case, '_part_preview', plan.preview) end
  ticket_set(ticket, '_preview', plan.preview)
end
if plan.participant then ticket_take_part(ticket, plan.participant, -1) end
if plan.unsettles and (ticket_get(case, 'settled') or {}).article == plan.article then ticket_offer_settled(case, nil) end
if ticket ~= case then ticket_store(ticket) end
if plan.kind == '' then
  ticket_store(case)
  return 'OK'
end
local was = ticket_get(case, 'status')
if plan.wakes and not is_active(was) and was ~= 'closed' then
  ticket_status(case, 'open', 'null', now)
  ticket_line(case, was == 'solved' and 'ticket.reopened' or 'ticket.status_changed', now, actor,
    ',"changes":{"status":[' .. json_text(was) .. ',"open"],"reason":"a message was edited"}')
end
ticket_save(case, plan.kind, now, actor, ',"article":' .. record_json(record_load(article)) .. plan.changes)
return 'OK'
