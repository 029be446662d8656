#!lua flags=allow-oom
-- Holds a reply back for a while, once; the last of its ticket leaves last.
--
--#keys queue: work_queue, held: held_replies, article: HASH (that it will be), case: HASH (the ticket that stands for its own), blobs
--#args id, ticket, case_id, known: json (see held_as_known), due: number, reply (JSON), payload (of its entry), files... (the sha256 of each)
-- Returns {HELD, JSON}, also when it is held already, {SENT} when it has left, {OVERTAKEN} when the
--       case is no longer as known, or {BLOB_CONDEMNED, sha256}.
--#include ../queue/work.lua
--#include record.lua
--#include held_reply.lua
local again = redis.call('HGET', held.replies, id)
if again then return { 'HELD', again } end
if redis.call('EXISTS', article) == 1 then return { 'SENT' } end
if not held_as_known(held, known, tonumber(redis.call('HGET', case, 'revision') or 0), ticket, case_id) then return { 'OVERTAKEN' } end
for _, sha in ipairs(files) do
  if not blob_usable(blobs, sha) then return { 'BLOB_CONDEMNED', sha } end
end
for _, sha in ipairs(files) do blob_reference(blobs, sha, id) end

local last = redis.call('ZREVRANGEBYLEX', held.by_ticket, '(' .. ticket .. '}', '[' .. ticket .. '|', 'LIMIT', 0, 1)[1]
if last then due = math.max(due, tonumber(string.sub(last, #ticket + 2, #ticket + 17))) end
local sequence = work_push_later(queue, 'ticket:' .. ticket, payload, due)
reply = '{"due":' .. json_number(due) .. ',"sequence":' .. json_number(sequence) .. ',' .. string.sub(reply, 2)
redis.call('HSET', held.replies, id, reply)
redis.call('ZADD', held.by_ticket, 0, ticket .. '|' .. string.format('%016d', due) .. '|' .. id)
return { 'HELD', reply }
