#!lua flags=allow-oom
-- The second step of setting the workspace's time back, when every process has followed: what was to happen in an hour
-- still happens in an hour. What lies ahead of the old mark was written by the old time, and moves.
--
-- This runs once, when a person says so; it takes about a microsecond an entry.
--
--#keys unfinished: STRING (old mark and step of a reset), timed...: ZSET (scores are times: leases and delayed entries)
--#args least: number (ms; by a smaller step nothing moves: leases taken by the new time lie ahead of the old mark too)
-- Returns {by how many ms it was set back, how many entries moved}.
local mark, step = string.match(redis.call('GET', unfinished) or '0 0', '(%d+) (%d+)')
local moved = 0
for _, key in ipairs(tonumber(step) < least and {} or timed) do
  local members = redis.call('ZRANGE', key, '(' .. mark, '+inf', 'BYSCORE', 'WITHSCORES')
  for at = 1, #members, 2 do
    redis.call('ZADD', key, string.format('%.0f', members[at + 1] - step), members[at])
  end
  moved = moved + #members / 2
end
redis.call('DEL', unfinished)
return { tonumber(step), moved }
