#!lua flags=allow-oom
-- Ends an entry of the intake queue of which nothing new was filed last: a copy, or receipts, which are counted as such.
-- Its own bytes are needed no more; what was filed of it needs its blobs by itself.
--
--#keys intake: work_queue, settling: work_settling, blobs
--#args lane, token, sequence: number, release: flag (the lane is free again), receipt: flag
--#args id (of the raw message), due: number (when blobs that nobody else needs may go)
-- Returns OK or STALE.
--#include ../queue/work.lua
--#include ../queue/blob_reference.lua
if not work_holds(intake, lane, token) then return 'STALE' end
if receipt and redis.call('HEXISTS', intake.entries, sequence) == 1 then work_count(intake, 'receipts', lane) end
work_finish(intake, settling, lane, sequence, release)
blob_release(blobs, id, due)
return 'OK'
