#!lua flags=allow-oom
-- Counts the lines of the feed by kind.
--
-- KEYS 1 the follower's place, 2 feed STREAM, 3 counts HASH kind -> number. ARGV 1 most lines
-- Returns how many lines were counted.
--#include ../queue/feed_place.lua
local lines = place_lines(KEYS[1], KEYS[2], ARGV[1])
local counts = {}
for _, line in ipairs(lines) do
  counts[line[2][2]] = (counts[line[2][2]] or 0) + 1
end
for kind, count in pairs(counts) do
  redis.call('HINCRBY', KEYS[3], kind, count)
end
place_move(KEYS[1], lines)
return #lines
