#!lua flags=allow-oom
-- The first step of setting the workspace's time back: the mark goes back, and what is due now stays due.
--
-- Until the second step (clock_move.lua) everything else waits longer than it should, so a process that still goes by
-- the old time takes nothing early. While a reset is not finished this does nothing.
--
--#keys mark: STRING, resets: STRING (how often it was set back), unfinished: STRING (old mark and step of a reset)
--#keys timed...: ZSET (scores are times: leases and delayed entries)
--#args target: number (the time it is to be)
-- Returns 1 when there is something for the second step, else 0.
local time = tonumber(redis.call('GET', mark) or 0)
if redis.call('EXISTS', unfinished) == 1 then return 1 end
if time <= target then return 0 end
for _, key in ipairs(timed) do
  for _, member in ipairs(redis.call('ZRANGE', key, string.format('(%.0f', target), time, 'BYSCORE')) do
    redis.call('ZADD', key, target, member)
  end
end
redis.call('SET', mark, string.format('%.0f', target))
redis.call('SET', unfinished, string.format('%.0f %.0f', time, time - target))
redis.call('INCR', resets)
return 1
