#!lua flags=allow-oom
-- Takes an entry off its queue for good, whatever state it is in; whoever works on it finds that it is finished.
--
--#keys queue: work_queue, settling: work_settling
--#args sequence: number, lane
-- Returns how many that were, 0 or 1.
--#include work.lua
local cause = redis.call('HGET', settling.causes, sequence)
if cause then lane = cjson.decode(cause).lane end -- of one that was given up only this knows it
if redis.call('HDEL', queue.entries, sequence) == 0 then return 0 end
work_count(queue, 'dropped', lane)
if redis.call('ZREM', settling.dead, sequence) == 1 then work_count(queue, 'dead', lane, -1) end
redis.call('ZREM', queue.order, work_member(lane, sequence))
redis.call('ZREM', queue.later, string.format('%016d', sequence) .. '\0' .. lane)
redis.call('HDEL', settling.attempts, sequence, sequence .. '!')
redis.call('HDEL', settling.causes, sequence)
if redis.call('ZSCORE', queue.ready, lane) then
  local head = work_head(queue, lane)
  if head then redis.call('ZADD', queue.ready, head, lane) else redis.call('ZREM', queue.ready, lane) end
elseif work_holds(queue, lane, '-') and not work_head(queue, lane) then -- it waited for this entry
  redis.call('HDEL', queue.state, 'l:' .. lane)
  redis.call('ZREM', queue.later, string.rep('0', 16) .. '\0' .. lane)
end
return 1
