-- Puts an entry on the dead-letter list, with its payload kept whole.
--#include work.lua
local function work_give_up(queue, settling, lane, sequence, now, cause)
  redis.call('ZREM', queue.order, work_member(lane, sequence))
  if redis.call('ZADD', settling.dead, now, sequence) == 1 then work_count(queue, 'dead', lane) end
  redis.call('HSET', settling.causes, sequence, cjson.encode({ lane = lane, cause = cause, at = now,
    attempts = tonumber(redis.call('HGET', settling.attempts, sequence .. '!') or 0) }))
end
