#!lua flags=allow-oom
-- Says what became of a claimed entry. A holder that has lost its lane is told STALE and nothing changes; one whose entry
-- is finished already is told GONE.
--
-- KEYS: the queue (5), leases, attempts, dead, causes (see work_claim.lua)
-- ARGV: what, lane, token, sequence, release (1: the lane is free again), now, then by what:
--   finish                   the entry is done
--   retry   due, cause       again at this time; the pause after it will be longer
--   fail    due, cause       again at this time, and one more failure on its account
--   wait    due, cause       again at this time, and nothing is counted
--   hold    due, cause, 1 if it counts as a failure: again at this time, and its lane waits for it
--   bury    cause            to the dead letters
--   extend  expiry           nothing yet: the lease holds longer
--   release                  nothing more; the lane is free again
--#include work.lua
--#include work_dead.lua
local queue, leases, attempts, causes = work_queue(1), KEYS[6], KEYS[7], KEYS[9]
local what, lane, token, sequence, now = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[6]
if not work_holds(queue, lane, token) then
  return 'STALE'
end

-- Its own script has finished it, and the answer to that was lost: there is nothing left to say of it.
local gone = sequence > 0 and redis.call('HEXISTS', queue.entries, sequence) == 0
if gone and what ~= 'extend' then
  if ARGV[5] == '1' then work_release(queue, lane, leases) end
  return 'GONE'
end

if what == 'finish' then
  work_finish(queue, { leases, attempts, causes }, lane, sequence, false)
elseif what == 'retry' or what == 'fail' or what == 'wait' then
  redis.call('ZREM', queue.order, work_member(lane, sequence))
  redis.call('ZADD', queue.later, ARGV[7], string.format('%016d', sequence) .. '\0' .. lane)
  redis.call('HSET', causes, sequence, cjson.encode({ lane = lane, cause = ARGV[8], at = tonumber(now) }))
  if what ~= 'wait' then redis.call('HINCRBY', attempts, sequence, 1) end
  if what == 'fail' then redis.call('HINCRBY', attempts, sequence .. '!', 1) end
elseif what == 'hold' then
  redis.call('HSET', causes, sequence, cjson.encode({ lane = lane, cause = ARGV[8], at = tonumber(now) }))
  redis.call('HINCRBY', attempts, sequence, 1)
  if ARGV[9] == '1' then redis.call('HINCRBY', attempts, sequence .. '!', 1) end
  work_park(queue, lane, ARGV[7], leases)
  return 'OK'
elseif what == 'bury' then
  work_bury(queue, lane, sequence, now, ARGV[7])
elseif what == 'extend' then
  redis.call('ZADD', leases, ARGV[7], lane)
end
if ARGV[5] == '1' then
  work_release(queue, lane, leases)
end
return 'OK'
