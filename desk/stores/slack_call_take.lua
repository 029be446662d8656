#!lua flags=allow-oom
-- Takes a call of Slack's API from all of its buckets, or from none and says how long to wait.
--
-- A bucket is full again at a moment that each call moves on by an interval; there is room while that moment is less than
-- `at_once` intervals away. What lies in the past means nothing and is swept.
--
--#keys spent: ZSET (bucket -> ms when it is full again), parked: ZSET (bucket -> ms until which Slack takes nothing)
--#keys wanted: ZSET (bucket \0 urgency -> ms until which somebody waits for it)
--#args now: number, urgency: number (0 is the most urgent), grace: number (ms), longest: number (ms that a bucket is parked)
--#args buckets..., intervals...: number (ms), at_once...: number
-- Returns the ms to wait, 0 when it was taken.

-- How far ahead something is. What is further than it can be was written before a clock was set back, and is cut for good.
local function ahead(times, member, most)
  local at = tonumber(redis.call('ZSCORE', times, member) or now)
  if at <= now + most then return math.max(at - now, 0) end
  redis.call('ZADD', times, now + most, member)
  return most
end

local function wait_for(bucket, interval, size)
  local wait = math.max(ahead(spent, bucket, interval * size) - interval * (size - 1), ahead(parked, bucket, longest), 0)
  for above = 0, urgency - 1 do
    wait = math.max(wait, ahead(wanted, bucket .. '\0' .. above, longest + grace))
  end
  return wait
end

for _, times in ipairs({ spent, parked, wanted }) do redis.call('ZREMRANGEBYSCORE', times, '-inf', now) end

local longest_wait = 0
for i, bucket in ipairs(buckets) do
  local wait = wait_for(bucket, intervals[i], at_once[i])
  if wait > 0 then redis.call('ZADD', wanted, 'GT', now + wait + grace, bucket .. '\0' .. urgency) end
  longest_wait = math.max(longest_wait, wait)
end
if longest_wait > 0 then return longest_wait end

for i, bucket in ipairs(buckets) do
  redis.call('ZADD', spent, now + ahead(spent, bucket, intervals[i] * at_once[i]) + intervals[i], bucket)
end
return 0
