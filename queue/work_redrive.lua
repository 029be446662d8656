#!lua flags=allow-oom
-- Takes a dead letter back into its lane, or drops it for good.
--
--#keys queue: work_queue, settling: work_settling
--#args what (retry or drop), sequence: number
-- Returns OK, or MISSING when there is no such dead letter.
--#include work.lua
if not redis.call('ZSCORE', settling.dead, sequence) then
  return 'MISSING'
end
local lane = cjson.decode(redis.call('HGET', settling.causes, sequence)).lane
redis.call('ZREM', settling.dead, sequence)
work_count(queue, 'dead', lane, -1)
redis.call('HDEL', settling.causes, sequence)
redis.call('HDEL', settling.attempts, sequence, sequence .. '!')
if what == 'retry' then
  work_line_up(queue, lane, sequence)
else
  redis.call('HDEL', queue.entries, sequence)
  work_count(queue, 'dropped', lane)
end
return 'OK'
