-- Lines that were taken off the stream, because they or a neighbour of theirs were erased. They lie on the shelf as
-- position, type, subject, sequence, time and data, divided by line feeds, and whoever reads the feed reads them in place.
--
--#include feed.lua

-- Up to `most` of them from one position to another, each as XRANGE gives it.
local function feed_shelved(feed, first, last, most)
  local lines = {}
  for i, kept in ipairs(redis.call('ZRANGE', feed.shelf, first, last, 'BYSCORE', 'LIMIT', 0, most)) do
    local position, kind, subject, sequence, time, data =
      string.match(kept, '^([^\n]*)\n([^\n]*)\n([^\n]*)\n([^\n]*)\n([^\n]*)\n(.*)$')
    lines[i] = { position .. '-0', { 'type', kind, 'subject', subject, 'sequence', sequence, 'time', time, 'data', data } }
  end
  return lines
end

local function feed_shelve(feed, position, fields)
  redis.call('ZREMRANGEBYSCORE', feed.shelf, position, position)
  redis.call('ZADD', feed.shelf, position,
    table.concat({ position, fields[2], fields[4], fields[6], fields[8], fields[10] }, '\n'))
end

local function feed_position(line)
  return tonumber(string.match(line[1], '^%d+'))
end

-- The line at a position, or nil.
local function feed_line(feed, position)
  local id = position .. '-0'
  return redis.call('XRANGE', feed.lines, id, id)[1] or feed_shelved(feed, position, position, 1)[1]
end

-- Up to `most` lines behind a position.
local function feed_lines(feed, after, most)
  local lines = redis.call('XRANGE', feed.lines, '(' .. after .. '-0', '+', 'COUNT', most)
  local shelved = feed_shelved(feed, '(' .. after, '+inf', most)
  if #shelved == 0 then return lines end
  for _, line in ipairs(shelved) do lines[#lines + 1] = line end
  table.sort(lines, function(one, other) return feed_position(one) < feed_position(other) end)
  while #lines > most do lines[#lines] = nil end
  return lines
end
