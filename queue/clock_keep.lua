#!lua flags=allow-oom
-- Keeps the highest time that any process of the workspace has seen. KEYS: the mark. ARGV: ms. Returns the mark.
local highest = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.0f', highest))
return highest
