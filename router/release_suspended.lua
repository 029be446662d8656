#!lua flags=allow-oom
-- Takes a suspended message back into the intake queue, marked so that it is filed this time, or drops it.
--
-- KEYS  1..5 the intake queue, 6 suspended ZSET, 7 suspended HASH, 8 their raw messages HASH
-- ARGV  1 id, 2 lane (by its kind the books are kept), 3 the raw message as it goes back, or '' to drop it
-- Returns OK or MISSING.
--#include ../queue/work.lua
if redis.call('ZREM', KEYS[6], ARGV[1]) == 0 then return 'MISSING' end
redis.call('HDEL', KEYS[7], ARGV[1])
redis.call('HDEL', KEYS[8], ARGV[1])
local intake = work_queue(1)
work_count(intake, ARGV[3] ~= '' and 'released' or 'discarded', ARGV[2])
if ARGV[3] ~= '' then work_push(intake, ARGV[2], ARGV[3]) end
return 'OK'
