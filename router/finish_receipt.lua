#!lua flags=allow-oom
-- Ends an entry of the intake queue that was nothing but receipts, and counts it as such in the step that takes it off.
--
-- KEYS  1..9 the intake queue
-- ARGV  1 lane, 2 token, 3 sequence, 4 whether the lane is free again (1)
-- Returns OK or STALE.
--#include ../queue/work.lua
local intake = work_queue(1)
if not work_holds(intake, ARGV[1], ARGV[2]) then return 'STALE' end
if redis.call('HEXISTS', intake.entries, ARGV[3]) == 1 then work_count(intake, 'receipts', ARGV[1]) end
work_finish(intake, { KEYS[6], KEYS[7], KEYS[9] }, ARGV[1], tonumber(ARGV[3]), ARGV[4] == '1')
return 'OK'
