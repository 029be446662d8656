#!lua flags=allow-oom
-- Splits articles out of a ticket into a new one of the same customer. Whatever the tickets were thought to hold has been
-- seen at one revision; when the ticket has another, nothing is written.
--
--#keys ticket: HASH, made: HASH (the new ticket), desk, places: article_places, made_places: article_places, threads: HASH
--#keys counters: HASH, shown: HASH (the article that is shown last of those that stay), articles...: HASH (that move)
--#args now: number, actor, reason, based_on: number, plan: json (see router/split_plan.py)
--#args left_fields..., made_fields... (names and pieces, of the ticket and of the new one)
-- Returns {OK, number}, {MISSING}, {CHANGED, revision now} or {MERGED, id of what stands for it}.
--#include case_parts.lua
--#include article.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
local revision = ticket_get(ticket, 'revision')
if ticket_get(ticket, 'merged_into') then return { 'MERGED', ticket_get(ticket, 'merged_into') } end
if based_on ~= revision then return { 'CHANGED', revision } end
for i, member in ipairs(plan.members) do
  if not redis.call('ZSCORE', places.articles, member) then return { 'CHANGED', revision } end
end

-- Nothing of whoever was erased meanwhile is written anew.
for i, article in ipairs(articles) do
  if redis.call('HEXISTS', article, 'erased_at') == 1 then return { 'CHANGED', revision } end
end
if plan.shown ~= '' and redis.call('HEXISTS', shown, 'erased_at') == 1 then return { 'CHANGED', revision } end

-- An article keeps its place and its order, so that what comes late to either ticket still finds where it belongs.
for i, member in ipairs(plan.members) do
  redis.call('ZREM', places.articles, member)
  redis.call('ZADD', made_places.articles, 0, member)
  redis.call('HSET', articles[i], 'ticket', json_text(plan.made))
end
redis.call('ZUNIONSTORE', made_places.scopes, 1, places.scopes)
for _, key in ipairs(plan.threads) do
  if redis.call('HGET', threads, key) == plan.ticket then redis.call('HSET', threads, key, plan.made) end
end

local number = 'T-' .. redis.call('HINCRBY', counters, 'ticket', 1)
redis.call('HSET', threads, 'number:' .. number, plan.made)
local fields = record_of(made_fields)
fields.number = json_text(number)
fields._article_count = ticket.stored._article_count
local new = ticket_new(desk, made, fields)
-- An answer that did not arrive is decided about where it is.
local missing, missing_there = {}, {}
for article, at in pairs(ticket_get(ticket, '_missing_answers') or {}) do missing[article] = at end
for _, article in ipairs(plan.articles) do
  missing_there[article], missing[article] = missing[article], nil
end
if next(missing_there) then
  case_missing(new, missing_there)
  case_missing(ticket, missing)
end
ticket_wait(new)
local moved = ',"articles":' .. cjson.encode(plan.articles) .. ',"reason":' .. json_text(reason)
ticket_save(new, 'ticket.created', now, actor, moved .. case_other(ticket))

for name, piece in pairs(record_of(left_fields)) do ticket_set(ticket, name, piece) end
local mark = '{"at":' .. json_number(plan.at) .. ',"ticket":' .. json_text(plan.made) .. ',"number":' .. json_text(number)
  .. ',"by":' .. json_text(actor) .. ',"articles":' .. json_number(#plan.articles) .. '}'
local known = string.sub(ticket.stored._moved or '[]', 2, -2)
ticket_set(ticket, '_moved', '[' .. known .. (known == '' and '' or ',') .. mark .. ']')
ticket_save(ticket, 'ticket.split', now, actor, moved .. case_other(new))
return { 'OK', number }
