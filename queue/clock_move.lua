#!lua flags=allow-oom
-- The second step of setting the workspace's time back, when every process has followed: what was to happen in an hour
-- still happens in an hour. What lies ahead of the old mark was written by the old time, and moves.
--
-- This runs once, when a person says so; it takes about a microsecond an entry.
--
-- KEYS 1 STRING old mark of a reset that is not finished, then ZSETs whose scores are times: leases and delayed entries
-- ARGV 1 ms, the least step for which entries move: below it leases taken by the new time lie ahead of the old mark too
-- Returns {by how many ms it was set back, how many entries moved}.
local mark, step = string.match(redis.call('GET', KEYS[1]) or '0 0', '(%d+) (%d+)')
local moved = 0
for i = 2, tonumber(step) < tonumber(ARGV[1]) and 0 or #KEYS do
  local members = redis.call('ZRANGE', KEYS[i], '(' .. mark, '+inf', 'BYSCORE', 'WITHSCORES')
  for at = 1, #members, 2 do
    redis.call('ZADD', KEYS[i], string.format('%.0f', members[at + 1] - step), members[at])
  end
  moved = moved + #members / 2
end
redis.call('DEL', KEYS[1])
return { tonumber(step), moved }
