#!lua flags=allow-oom
-- Says what became of a file that was fetched after its message: it is here, or it is missing. Nothing is written about one
-- that is here already, nor for an article that was erased or says something else by now.
--
--#keys ticket: HASH, case: HASH (the ticket that stands for it, mostly itself), desk, article: HASH, blobs
--#args now: number, ticket_id, case_id, article_id, file: number (its place, from 1), fetch (by what it was fetched)
--#args kind (of the feed line), became: json (its fields by now)
-- Returns {OK}, {GONE}, {DONE}, {MOVED, id of the article's ticket}, {OTHER_CASE, id of the ticket that stands for it}
--       or {BLOB_CONDEMNED}.
--#include ../queue/blob_reference.lua
--#include case.lua
local fields = record_load(article)
local files = json_value(fields.attachments)
local found = files and files[file]
if not found or fields.erased_at then return { 'GONE' } end
if found.state == 'stored' and found.sha256 ~= '' then return { 'DONE' } end
if found.fetch ~= fetch then return { 'GONE' } end
if json_value(fields.ticket) ~= ticket_id then return { 'MOVED', json_value(fields.ticket) } end
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'GONE' } end
local case = case_of(ticket, case_id, case)
if not case then return { 'OTHER_CASE', ticket_get(ticket, 'merged_into') or ticket_get(ticket, 'id') } end
local sha = became.sha256
if sha ~= '' and not blob_reference(blobs, sha, article_id) then return { 'BLOB_CONDEMNED' } end

if found.state == became.state and found.problem == became.problem then return { 'OK' } end
for name, value in pairs(became) do found[name] = value end
fields.attachments = cjson.encode(files)
redis.call('HSET', article, 'attachments', fields.attachments)
ticket_save(case, kind, now, 'system', ',"article":' .. record_json(fields))
return { 'OK' }
