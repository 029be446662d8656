-- Appends one line to the feed. Every script that changes state includes this and calls it in the same step, so nothing
-- downstream can miss a change. `sequence` is the subject's revision.
--
--#group feed
--#keys lines: STREAM, position: STRING (of the newest line), shelf: ZSET (position -> line; see feed_shelf.lua)
local function feed_append(feed, kind, subject, sequence, now, data)
  local at = redis.call('INCR', feed.position)
  redis.call('XADD', feed.lines, at .. '-0', 'type', kind, 'subject', subject, 'sequence', sequence, 'time', now,
    'data', data)
  return at
end
