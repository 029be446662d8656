-- A follower's place in the feed: the position of the last line that it has taken. A script that makes the effect of some
-- lines reads them with `place_lines` and moves the place with `place_move`, so that each line counts once, whoever calls.
local function place_lines(place, feed, most)
  local at = redis.call('HGET', place, 'position') or '0'
  return redis.call('XRANGE', feed, '(' .. at .. '-0', '+', 'COUNT', most)
end

local function place_at(place, position)
  redis.call('HSET', place, 'position', position)
  redis.call('HDEL', place, 'failures', 'not_before', 'cause')
end

local function place_move(place, lines)
  if #lines > 0 then place_at(place, (string.gsub(lines[#lines][1], '%-.*', ''))) end
end
