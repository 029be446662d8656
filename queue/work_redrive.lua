#!lua flags=allow-oom
-- Takes a dead letter back into its lane, or drops it for good.
--
-- KEYS: the queue (5), leases, attempts, dead, causes. ARGV: retry | drop, sequence.
-- Returns OK, or MISSING when there is no such dead letter.
--#include work.lua
local queue, attempts, dead, causes = work_queue(1), KEYS[7], KEYS[8], KEYS[9]
local sequence = tonumber(ARGV[2])
if not redis.call('ZSCORE', dead, sequence) then
  return 'MISSING'
end
local lane = cjson.decode(redis.call('HGET', causes, sequence)).lane
redis.call('ZREM', dead, sequence)
work_count(queue, 'dead', lane, -1)
redis.call('HDEL', causes, sequence)
redis.call('HDEL', attempts, sequence, sequence .. '!')
if ARGV[1] == 'retry' then
  work_line_up(queue, lane, sequence)
else
  redis.call('HDEL', queue.entries, sequence)
  work_count(queue, 'dropped', lane)
end
return 'OK'
