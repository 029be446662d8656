-- Puts an entry on the dead-letter list, with its payload kept whole. Expects KEYS[8] dead, KEYS[9] causes.
local function work_bury(queue, lane, sequence, now, cause)
  redis.call('ZREM', queue.order, work_member(lane, sequence))
  if redis.call('ZADD', KEYS[8], now, sequence) == 1 then work_count(queue, 'dead', lane) end
  redis.call('HSET', KEYS[9], sequence, cjson.encode({ lane = lane, cause = cause, at = tonumber(now),
    attempts = tonumber(redis.call('HGET', KEYS[7], sequence .. '!') or 0) }))
end
