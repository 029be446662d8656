#!lua flags=allow-oom
-- Says how far a follower has come, or that a line failed; one that fails too often becomes a dead letter.
--
-- KEYS 1 place HASH, 2 dead ZSET position -> ms, 3 causes HASH position -> {cause, attempts, at}, 4 again ZSET
-- ARGV 1 what, 2 token or '' (the effect lies in the engine, and whoever calls it moves the place), 3 now, then by what:
--   moved     position             everything up to there is taken
--   kept      expiry               the lease holds longer
--   redone    position             the dead letter was taken after all
--   failed    position, due, cause, most    this line failed: again when it is due, or given up after so many times
--   released                       somebody else may hold it
-- Returns OK, BURIED, EARLY (the line is not due yet, so nothing was counted) or STALE (another holder has the place).
--#include feed_place.lua
local place, dead, causes, again = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local what, token, now, position = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
if token ~= '' and redis.call('HGET', place, 'token') ~= token then return 'STALE' end

local function bury(attempts)
  redis.call('ZADD', dead, now, position)
  redis.call('HSET', causes, position, cjson.encode({ cause = ARGV[6], attempts = attempts, at = now }))
end

if what == 'moved' then
  place_at(place, position)
elseif what == 'kept' then
  redis.call('HSET', place, 'expires', ARGV[4])
elseif what == 'redone' then
  redis.call('ZREM', again, position)
  redis.call('HDEL', causes, position)
elseif what == 'released' then
  redis.call('HSET', place, 'expires', '0')
elseif redis.call('ZREM', again, position) == 1 then
  bury(1)
  return 'BURIED'
else
  if now < tonumber(redis.call('HGET', place, 'not_before') or 0) then return 'EARLY' end
  local failures = redis.call('HINCRBY', place, 'failures', 1)
  redis.call('HSET', place, 'not_before', ARGV[5], 'cause', ARGV[6])
  if failures >= tonumber(ARGV[7]) then
    bury(failures)
    place_at(place, position)
    return 'BURIED'
  end
end
return 'OK'
