-- Changes of messages that have not come yet: for a message that is waited for, the entries of the intake queue which
-- wait for it, in JSON. The sweep of the dedup registers forgets what nobody ever came for (queue/dedup.py).

--#include ../queue/dedup.lua
--#include ../queue/work.lua

-- The message is filed: what waits for it is worked off now.
local function amendments_come(intake, awaited, message, now)
  local waiting = redis.call('HGET', awaited.records, message)
  if not waiting then return end
  for _, member in ipairs(cjson.decode(waiting)) do redis.call('ZADD', intake.later, 'XX', now, member) end
  redis.call('HDEL', awaited.records, message)
  redis.call('ZREM', awaited.ages, message)
  work_ring(intake)
end
