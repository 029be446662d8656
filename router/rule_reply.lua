#!lua flags=allow-oom
-- Sends what a rule answers, within the limits that acknowledgements have.
--
--#keys ticket: HASH, desk, places: article_places, article: HASH, threads: HASH, outbox, acknowledgements, directory: ZSET
--#args now: number, plan: json, fields... (names and pieces of the article)
--   plan: article, thread, limits, actor
-- Returns {OK}, {EXISTS}, {MISSING}, {HELD_BACK}.
--#include acknowledge.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
if redis.call('EXISTS', article) == 1 then return { 'EXISTS' } end
if not may_acknowledge(acknowledgements, directory, plan.limits, now) then return { 'HELD_BACK' } end
ticket_acknowledge(ticket, now, outbox, threads, places, article, fields, plan)
return { 'OK' }
