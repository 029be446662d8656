-- An entry comes again when it is due; its lane goes on without it.

--#include work.lua

local function work_again(queue, settling, lane, sequence, due, cause, now)
  redis.call('ZREM', queue.order, work_member(lane, sequence))
  redis.call('ZADD', queue.later, due, string.format('%016d', sequence) .. '\0' .. lane)
  redis.call('HSET', settling.causes, sequence, cjson.encode({ lane = lane, cause = cause, at = now }))
end
