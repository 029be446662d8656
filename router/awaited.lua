-- Changes of messages that have not come yet: for a message that is waited for, the entries of the intake queue which
-- wait for it, in JSON; by their numbers, for a lane may name somebody. The sweep of the dedup registers forgets what
-- nobody ever came for (queue/dedup.py).

--#include ../queue/dedup.lua
--#include ../queue/work.lua

-- The message is filed: what waits for it is worked off now.
local function amendments_come(intake, settling, awaited, message, now)
  local waiting = redis.call('HGET', awaited.records, message)
  if not waiting then return end
  for _, sequence in ipairs(cjson.decode(waiting)) do
    local cause = redis.call('HGET', settling.causes, sequence)
    local lane = cause and cjson.decode(cause).lane
    if lane then redis.call('ZADD', intake.later, 'XX', now, string.format('%016d', sequence) .. '\0' .. lane) end
  end
  redis.call('HDEL', awaited.records, message)
  redis.call('ZREM', awaited.ages, message)
  work_ring(intake)
end
