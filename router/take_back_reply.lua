#!lua flags=allow-oom
-- Takes a held reply back, unless it is leaving. One whose entry an operator has dropped is not.
--
--#keys queue: work_queue, held: held_replies, blobs
--#args id, due (when files that nobody else needs may go)
-- Returns {BACK, JSON} or {GONE}.
--#include ../queue/work.lua
--#include held_reply.lua
local stored = redis.call('HGET', held.replies, id)
if not stored then return { 'GONE' } end
local reply = cjson.decode(stored)
local dropped = redis.call('HEXISTS', queue.entries, reply.sequence) == 0
if redis.call('SISMEMBER', held.leaving, id) == 1 and not dropped then return { 'GONE' } end
held_forget(held, blobs, id, reply, due)
-- An entry that is due already is lined up; its worker finds nothing to send and finishes it.
if redis.call('ZREM', queue.later, string.format('%016d', reply.sequence) .. '\0ticket:' .. reply.ticket) == 1 then
  if redis.call('HDEL', queue.entries, reply.sequence) == 1 then work_count(queue, 'done', 'ticket:') end
end
return { 'BACK', stored }
