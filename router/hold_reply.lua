#!lua flags=allow-oom
-- Holds a reply back for a while, once; the last of its ticket leaves last.
--
-- KEYS  1..5 the queue of held replies, 6 held HASH id -> JSON, 7 held by ticket ZSET <ticket>|<due, 16 digits>|<id>,
--       8 article HASH that it will be, 9 blob references, 10 condemned blobs
-- ARGV  1 id, 2 ticket, 3 due ms, 4 the reply as JSON, 5 payload of its entry, then the sha256 of every file
-- Returns {HELD, JSON}, also when it is held already, {SENT} when it has left, or {BLOB_CONDEMNED, sha256}.
--#include ../queue/work.lua
--#include ../queue/blob_reference.lua
--#include record.lua
local id, ticket, due = ARGV[1], ARGV[2], tonumber(ARGV[3])
local known = redis.call('HGET', KEYS[6], id)
if known then return { 'HELD', known } end
if redis.call('EXISTS', KEYS[8]) == 1 then return { 'SENT' } end
for i = 6, #ARGV do
  if not blob_usable(KEYS[10], ARGV[i]) then return { 'BLOB_CONDEMNED', ARGV[i] } end
end
for i = 6, #ARGV do blob_reference(KEYS[9], KEYS[10], ARGV[i], id) end

local last = redis.call('ZREVRANGEBYLEX', KEYS[7], '(' .. ticket .. '}', '[' .. ticket .. '|', 'LIMIT', 0, 1)[1]
if last then due = math.max(due, tonumber(string.sub(last, #ticket + 2, #ticket + 17))) end
local sequence = work_push_later(work_queue(1), 'ticket:' .. ticket, ARGV[5], due)
local reply = '{"due":' .. json_number(due) .. ',"sequence":' .. json_number(sequence) .. ',' .. string.sub(ARGV[4], 2)
redis.call('HSET', KEYS[6], id, reply)
redis.call('ZADD', KEYS[7], 0, ticket .. '|' .. string.format('%016d', due) .. '|' .. id)
return { 'HELD', reply }
