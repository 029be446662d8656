#!lua flags=allow-oom
-- Says what became of a claimed entry. A holder that has lost its lane is told STALE and nothing changes; one whose entry
-- is finished already is told GONE.
--
--#keys queue: work_queue, settling: work_settling
--#args what, lane, token, sequence: number, release: flag (the lane is free again), now: number
--#args due?, cause, failed: flag (it counts as a failure)
--   finish   the entry is done
--   retry    again when it is due; the pause after it will be longer
--   fail     again when it is due, and one more failure on its account
--   wait     again when it is due, and nothing is counted
--   park     again when it is due, and its lane waits for it
--   give_up  to the dead letters
--   extend   nothing yet: the lease holds until it is due
--   release  nothing more; the lane is free again
--#include work_dead.lua
--#include work_again.lua
if not work_holds(queue, lane, token) then
  return 'STALE'
end

-- Its own script has finished it, and the answer to that was lost: there is nothing left to say of it.
local gone = sequence > 0 and redis.call('HEXISTS', queue.entries, sequence) == 0
if gone and what ~= 'extend' then
  if release then work_release(queue, settling, lane) end
  return 'GONE'
end

if what == 'finish' then
  work_finish(queue, settling, lane, sequence, false)
elseif what == 'retry' or what == 'fail' or what == 'wait' then
  work_again(queue, settling, lane, sequence, due, cause, now)
  if what ~= 'wait' then redis.call('HINCRBY', settling.attempts, sequence, 1) end
  if what == 'fail' then redis.call('HINCRBY', settling.attempts, sequence .. '!', 1) end
elseif what == 'park' then
  redis.call('HSET', settling.causes, sequence, cjson.encode({ lane = lane, cause = cause, at = now }))
  redis.call('HINCRBY', settling.attempts, sequence, 1)
  if failed then redis.call('HINCRBY', settling.attempts, sequence .. '!', 1) end
  work_park(queue, settling, lane, due)
  return 'OK'
elseif what == 'give_up' then
  work_give_up(queue, settling, lane, sequence, now, cause)
elseif what == 'extend' then
  redis.call('ZADD', settling.leases, due, lane)
end
if release then
  work_release(queue, settling, lane)
end
return 'OK'
