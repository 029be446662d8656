#!lua flags=allow-oom
-- Takes a held reply back, unless it is leaving. One whose entry an operator has dropped is not.
--
-- KEYS  1..5 the queue of held replies, 6..10 see held_reply.lua
-- ARGV  1 id, 2 when files that nobody else needs may go
-- Returns {BACK, JSON} or {GONE}.
--#include ../queue/work.lua
--#include ../queue/blob_reference.lua
--#include held_reply.lua
local id = ARGV[1]
local stored = redis.call('HGET', KEYS[6], id)
if not stored then return { 'GONE' } end
local reply, queue = cjson.decode(stored), work_queue(1)
local dropped = redis.call('HEXISTS', queue.entries, reply.sequence) == 0
if redis.call('SISMEMBER', KEYS[8], id) == 1 and not dropped then return { 'GONE' } end
held_forget(id, reply, ARGV[2])
-- An entry that is due already is lined up; its worker finds nothing to send and finishes it.
if redis.call('ZREM', queue.later, string.format('%016d', reply.sequence) .. '\0ticket:' .. reply.ticket) == 1 then
  if redis.call('HDEL', queue.entries, reply.sequence) == 1 then work_count(queue, 'done', 'ticket:') end
end
return { 'BACK', stored }
