#!lua flags=allow-oom
-- A held reply has become an article: forgets it and finishes its entry.
--
-- KEYS  1..5 the queue of held replies, 6..10 see held_reply.lua, 11 leases, 12 attempts and 13 causes of the queue
-- ARGV  1 lane, 2 token, 3 sequence, 4 whether the lane is free again (1), 5 id, 6 when files that nobody else needs may go
-- Returns OK or STALE.
--#include ../queue/work.lua
--#include ../queue/blob_reference.lua
--#include held_reply.lua
local queue, id = work_queue(1), ARGV[5]
if not work_holds(queue, ARGV[1], ARGV[2]) then return 'STALE' end
local stored = redis.call('HGET', KEYS[6], id)
if stored then held_forget(id, cjson.decode(stored), ARGV[6]) end
work_finish(queue, { KEYS[11], KEYS[12], KEYS[13] }, ARGV[1], tonumber(ARGV[3]), ARGV[4] == '1')
return 'OK'
