#!lua flags=allow-oom
-- A held reply has become an article: forgets it and finishes its entry.
--
--#keys queue: work_queue, settling: work_settling, held: held_replies, blobs
--#args lane, token, sequence: number, release: flag (the lane is free again), id, due (when files that nobody needs may go)
-- Returns OK or STALE.
--#include ../queue/work.lua
--#include held_reply.lua
if not work_holds(queue, lane, token) then return 'STALE' end
local stored = redis.call('HGET', held.replies, id)
if stored then held_forget(held, blobs, id, cjson.decode(stored), due) end
work_finish(queue, settling, lane, sequence, release)
return 'OK'
