#!lua flags=allow-oom
-- Takes a suspended message back into the intake queue, marked so that it is filed this time, or drops it with its blobs.
--
--#keys intake: work_queue, suspended, blobs
--#args id, held (its member there), lane (by its kind it is counted), payload? (the raw message as it goes back; none: it is dropped)
--#args due: number (when blobs that nobody else needs may go)
-- Returns OK or MISSING.
--#include ../queue/work.lua
--#include ../queue/blob_reference.lua
--#include suspended.lua
if redis.call('ZREM', suspended.times, id) == 0 then return 'MISSING' end
redis.call('HDEL', suspended.records, id)
redis.call('HDEL', suspended.raw, id)
redis.call('ZREM', suspended.held, held)
work_count(intake, payload ~= '' and 'released' or 'discarded', lane)
if payload ~= '' then work_push(intake, lane, payload) else blob_release(blobs, id, due) end
return 'OK'
