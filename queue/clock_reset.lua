#!lua flags=allow-oom
-- The first step of setting the workspace's time back: the mark goes back, and what is due now stays due.
--
-- Until the second step (clock_move.lua) everything else waits longer than it should, so a process that still goes by
-- the old time takes nothing early. While a reset is not finished this does nothing.
--
-- KEYS 1 the mark, 2 how often it was set back, 3 STRING old mark of a reset that is not finished, then ZSETs whose
-- scores are times: leases and delayed entries
-- ARGV 1 the time it is to be
-- Returns 1 when there is something for the second step, else 0.
local target, mark = tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or 0)
if redis.call('EXISTS', KEYS[3]) == 1 then return 1 end
if mark <= target then return 0 end
for i = 4, #KEYS do
  for _, member in ipairs(redis.call('ZRANGE', KEYS[i], string.format('(%.0f', target), mark, 'BYSCORE')) do
    redis.call('ZADD', KEYS[i], target, member)
  end
end
redis.call('SET', KEYS[1], string.format('%.0f', target))
redis.call('SET', KEYS[3], string.format('%.0f %.0f', mark, mark - target))
redis.call('INCR', KEYS[2])
return 1
