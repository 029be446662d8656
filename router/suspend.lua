#!lua flags=allow-oom
-- Sets a message aside for a person to look at, in the step that takes it off the intake queue.
--
-- KEYS  1..9 the intake queue, 10 suspended ZSET id -> ms, 11 suspended HASH id -> JSON, 12 their raw messages HASH
-- ARGV  1 lane, 2 token, 3 sequence, 4 whether the lane is free again (1), 5 id, 6 now, 7 JSON, 8 the raw message
-- Returns OK or STALE.
--#include ../queue/work.lua
local intake = work_queue(1)
if not work_holds(intake, ARGV[1], ARGV[2]) then return 'STALE' end
if redis.call('ZADD', KEYS[10], ARGV[6], ARGV[5]) == 1 then work_count(intake, 'suspended', ARGV[1]) end
redis.call('HSET', KEYS[11], ARGV[5], ARGV[7])
redis.call('HSET', KEYS[12], ARGV[5], ARGV[8])
work_finish(intake, { KEYS[6], KEYS[7], KEYS[9] }, ARGV[1], tonumber(ARGV[3]), ARGV[4] == '1')
return 'OK'
