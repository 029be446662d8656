-- Appends one line to the feed. Every script that changes state includes this and calls it in the same step, so nothing
-- downstream can miss a change. `keys`: feed STREAM, feed:position counter. `sequence` is the subject's revision.
local function feed_append(feed, position, kind, subject, sequence, now, data)
  local at = redis.call('INCR', position)
  redis.call('XADD', feed, at .. '-0', 'type', kind, 'subject', subject, 'sequence', sequence, 'time', now, 'data', data)
  return at
end
