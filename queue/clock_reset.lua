#!lua flags=allow-oom
-- Sets the mark of the workspace's time back, and with it what work queues wait for, so that everything that was to happen
-- in an hour still happens in an hour.
--
-- Whatever is still waiting lies ahead of the old mark, because the workers go by it; so all of it moves by the same step.
-- This runs once, when a person says so; it takes about a microsecond an entry.
--
-- KEYS 1 the mark, 2 how often it was set back, then ZSETs whose scores are times: leases and delayed entries
-- ARGV 1 the time it is to be
-- Returns {by how many ms it was set back, how many entries moved}; {0, 0} when the mark is not ahead of that time.
local target, mark = tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or 0)
if mark <= target then return { 0, 0 } end
local step, moved = mark - target, 0
for i = 3, #KEYS do
  local members = redis.call('ZRANGE', KEYS[i], 0, -1, 'WITHSCORES')
  for at = 1, #members, 2 do
    redis.call('ZADD', KEYS[i], string.format('%.0f', members[at + 1] - step), members[at])
    moved = moved + 1
  end
end
redis.call('SET', KEYS[1], string.format('%.0f', target))
redis.call('INCR', KEYS[2])
return { step, moved }
