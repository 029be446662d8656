#!lua flags=allow-oom
-- Adds up what happened: what the caller counted, and the lines of the feed since the last time, by kind.
--
-- Every process calls this; each line is counted once, because the position up to which it was counted is moved in the
-- same step.
--
-- KEYS 1 tallies HASH name -> number, 2 feed STREAM. ARGV 1 most lines, then name, amount, …
-- Returns how many lines were counted.
for i = 2, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
end
local at = redis.call('HGET', KEYS[1], 'feed:position') or '0'
local lines = redis.call('XRANGE', KEYS[2], '(' .. at .. '-0', '+', 'COUNT', ARGV[1])
if #lines == 0 then
  return 0
end
local counts = {}
for _, line in ipairs(lines) do
  local kind = 'feed:' .. line[2][2]
  counts[kind] = (counts[kind] or 0) + 1
end
for kind, count in pairs(counts) do
  redis.call('HINCRBY', KEYS[1], kind, count)
end
redis.call('HSET', KEYS[1], 'feed:position', (string.gsub(lines[#lines][1], '%-.*', '')))
return #lines
