#!lua flags=allow-oom
-- Says how far a follower has come, or that a line failed; one that fails too often becomes a dead letter.
--
--#keys place: feed_place
--#args what, token? (none: the effect lies in the engine, and whoever calls it moves the place), now: number
--#args position?, due?, cause?, most?: number
--   moved     everything up to the position is taken
--   kept      the lease holds longer: until it is due
--   redone    the dead letter at the position was taken after all
--   failed    the line at the position failed: again when it is due, or given up after so many times
--   released  somebody else may hold it
-- Returns OK, DEAD, EARLY (the line is not due yet, so nothing was counted), GONE (somebody else has taken it or given it
-- up) or STALE (another holder has the place).
--#include feed_place.lua
if token ~= '' and redis.call('HGET', place.state, 'token') ~= token then return 'STALE' end

local function give_up(attempts)
  redis.call('ZADD', place.dead, now, position)
  redis.call('HSET', place.causes, position, cjson.encode({ cause = cause, attempts = attempts, at = now }))
end

if what == 'moved' then
  place_at(place, position)
elseif what == 'kept' then
  redis.call('HSET', place.state, 'expires', due)
elseif what == 'redone' then
  place_redone(place, position)
elseif what == 'released' then
  redis.call('HSET', place.state, 'expires', '0')
elseif redis.call('ZREM', place.again, position) == 1 then
  give_up(1)
  return 'DEAD'
elseif tonumber(position) <= tonumber(place_position(place)) then
  return 'GONE'
else
  if now < tonumber(redis.call('HGET', place.state, 'not_before') or 0) then return 'EARLY' end
  local failures = redis.call('HINCRBY', place.state, 'failures', 1)
  redis.call('HSET', place.state, 'not_before', due, 'cause', cause)
  if failures >= most then
    give_up(failures)
    place_at(place, position)
    return 'DEAD'
  end
end
return 'OK'
