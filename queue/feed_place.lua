-- A follower's place in the feed: the position of the last line that it has taken. A script that makes the effect of some
-- lines reads them with `place_lines` and moves the place with `place_move`, so that each line counts once, whoever calls.
--
--#group feed_place
--#keys state: HASH (position; token, holder, expires; failures, not_before, cause of the line behind the position)
--#keys dead: ZSET (position -> ms), causes: HASH (position -> {cause, attempts, at})
--#keys again: ZSET (positions of dead letters to be tried again)
--#include feed.lua
local function place_lines(place, feed, most)
  local at = redis.call('HGET', place.state, 'position') or '0'
  return redis.call('XRANGE', feed.lines, '(' .. at .. '-0', '+', 'COUNT', most)
end

local function place_at(place, position)
  redis.call('HSET', place.state, 'position', position)
  redis.call('HDEL', place.state, 'failures', 'not_before', 'cause')
end

local function place_move(place, lines)
  if #lines > 0 then place_at(place, (string.gsub(lines[#lines][1], '%-.*', ''))) end
end
