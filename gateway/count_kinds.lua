#!lua flags=allow-oom
-- Counts the lines of the feed by kind.
--
--#keys place: feed_place, feed, kinds: HASH (kind -> number)
--#args most (lines)
-- Returns how many lines were counted.
--#include ../queue/feed_place.lua
local lines = place_lines(place, feed, most)
local counts = {}
for _, line in ipairs(lines) do
  counts[line[2][2]] = (counts[line[2][2]] or 0) + 1
end
for kind, count in pairs(counts) do
  redis.call('HINCRBY', kinds, kind, count)
end
place_move(place, lines)
return #lines
