#!lua flags=allow-oom
-- Orders an erasure: from this step on nobody is found by these identities, and the records are empty.
--
--#keys identities: HASH, directory: ZSET (of customers), erasures: HASH, plans: HASH, queue: work_queue, customers...: HASH
--#args id (of the erasure), record (JSON), plan (JSON), lane, payload, erased: number (of the customers, the first so many)
--#args changes: json (one of each customer {id, revision, fields, terms that go}; those erased keep no other fields), people... (identity keys)
-- Returns OK, also when it was ordered before, or CONFLICT when a record has changed since it was read.
--#include ../../queue/work.lua
--#include ../record.lua
if redis.call('HEXISTS', erasures, id) == 1 then return 'OK' end
for i, change in ipairs(changes) do
  if redis.call('HGET', customers[i], 'revision') ~= change.revision then return 'CONFLICT' end
end
local theirs = {}
for i, change in ipairs(changes) do
  if i <= erased then
    redis.call('DEL', customers[i])
    theirs[change.id] = true
  end
  for _, term in ipairs(change.terms) do redis.call('ZREM', directory, term) end
  record_change(customers[i], change.fields)
end
for _, key in ipairs(people) do
  if theirs[redis.call('HGET', identities, key)] then redis.call('HDEL', identities, key) end
end
redis.call('HSET', erasures, id, record)
redis.call('HSET', plans, id, plan)
work_push(queue, lane, payload)
return 'OK'
