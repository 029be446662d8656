#!lua flags=no-writes
-- Reads what articles say of the messages that they pass on, many at once.
--
--#keys articles...: HASH
-- Returns a piece for each, '' where it passes nothing on.
local pieces = {}
for i, article in ipairs(articles) do pieces[i] = redis.call('HGET', article, 'originals') or '' end
return pieces
