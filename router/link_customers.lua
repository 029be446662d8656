#!lua
-- Changes what holds between the records of customers, or nothing when one of them has changed since it was read.
--
--#keys feed, customers...: HASH
--#args now: number, kind, subject, sequence: number, data (the line of the feed)
--#args plan: json (for each of the keys {revision, fields: {name: piece}}, in their order)
-- Returns {OK, position} or {CONFLICT}.
--#include ../queue/feed.lua
--#include record.lua
for i, change in ipairs(plan) do
  if redis.call('HGET', customers[i], 'revision') ~= change.revision then return { 'CONFLICT' } end
end
for i, change in ipairs(plan) do record_change(customers[i], change.fields) end
return { 'OK', feed_append(feed, kind, subject, sequence, now, data) }
