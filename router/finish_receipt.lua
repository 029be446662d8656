#!lua flags=allow-oom
-- Ends an entry of the intake queue that was nothing but receipts, and counts it as such in the step that takes it off.
--
--#keys intake: work_queue, settling: work_settling
--#args lane, token, sequence: number, release: flag (the lane is free again)
-- Returns OK or STALE.
--#include ../queue/work.lua
if not work_holds(intake, lane, token) then return 'STALE' end
if redis.call('HEXISTS', intake.entries, sequence) == 1 then work_count(intake, 'receipts', lane) end
work_finish(intake, settling, lane, sequence, release)
return 'OK'
