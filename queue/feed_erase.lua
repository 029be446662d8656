#!lua flags=allow-oom
-- Gives some lines of the feed other data, so that no byte of the old remains. Their positions, types and times stay.
--
-- A stream keeps the bytes of a deleted entry until its whole node is deleted (Redis, t_stream.c). So the lines around
-- them, which may lie in the same node, go to the shelf with them, as they are.
--
--#keys feed
--#args first: number, last: number (positions: everything between goes to the shelf), positions..., data... (by position)
-- Returns how many lines were changed.
--#include feed_shelf.lua
local changed, count = {}, 0
for i, position in ipairs(positions) do changed[tonumber(position)] = data[i] end

local function put(line)
  local position = feed_position(line)
  if changed[position] then
    line[2][10] = changed[position]
    count = count + 1
  end
  feed_shelve(feed, string.format('%.0f', position), line[2])
end

for _, position in ipairs(positions) do
  local shelved = feed_shelved(feed, position, position, 1)[1]
  if shelved then put(shelved) end
end
for _, line in ipairs(redis.call('XRANGE', feed.lines, string.format('%.0f-0', first), string.format('%.0f-0', last))) do
  put(line)
  redis.call('XDEL', feed.lines, line[1])
end
return count
