-- A follower's place in the feed: the position of the last line that it has taken. A script that makes the effect of some
-- lines reads them with `place_lines` and moves the place with `place_move`, so that each line counts once, whoever calls.
--
--#group feed_place
--#keys state: HASH (position; token, holder, expires; failures, not_before, cause of the line behind the position)
--#keys dead: ZSET (position -> ms), causes: HASH (position -> {cause, attempts, at})
--#keys again: ZSET (positions of dead letters to be tried again)
--#include feed_shelf.lua

local function place_position(place)
  return redis.call('HGET', place.state, 'position') or '0'
end

-- Dead letters that are tried again come first.
local function place_lines(place, feed, most)
  local lines, left = {}, tonumber(most)
  for _, position in ipairs(redis.call('ZRANGE', place.again, 0, left - 1)) do
    lines[#lines + 1] = feed_line(feed, position)
  end
  if #lines == left then return lines end
  for _, line in ipairs(feed_lines(feed, place_position(place), left - #lines)) do lines[#lines + 1] = line end
  return lines
end

local function place_at(place, position)
  redis.call('HSET', place.state, 'position', position)
  redis.call('HDEL', place.state, 'failures', 'not_before', 'cause')
end

local function place_redone(place, position)
  redis.call('ZREM', place.again, position)
  redis.call('HDEL', place.causes, position)
end

local function place_move(place, lines)
  local taken, last = tonumber(place_position(place)), nil
  for _, line in ipairs(lines) do
    local position = string.match(line[1], '^%d+')
    if tonumber(position) <= taken then place_redone(place, position) else last = position end
  end
  if last then place_at(place, last) end
end
