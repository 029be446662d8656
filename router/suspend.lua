#!lua flags=allow-oom
-- Sets a message aside for a person to look at, in the step that takes it off the intake queue.
--
--#keys intake: work_queue, settling: work_settling, suspended, blobs
--#args lane, token, sequence: number, release: flag (the lane is free again), id, now, record (JSON), payload (the raw message), held? (member)
--#args blob? (that holds its bytes)
-- Returns OK, STALE or BLOB_CONDEMNED.
--#include ../queue/work.lua
--#include ../queue/blob_reference.lua
--#include suspended.lua
if not work_holds(intake, lane, token) then return 'STALE' end
if blob ~= '' and not blob_reference(blobs, blob, id) then return 'BLOB_CONDEMNED' end
if redis.call('ZADD', suspended.times, now, id) == 1 then work_count(intake, 'suspended', lane) end
redis.call('HSET', suspended.records, id, record)
redis.call('HSET', suspended.raw, id, payload)
if held ~= '' then redis.call('ZADD', suspended.held, 0, held) end
work_finish(intake, settling, lane, sequence, release)
return 'OK'
