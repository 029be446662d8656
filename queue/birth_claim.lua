#!lua
-- Gives the engine the birth mark of a data folder, when that may be.
--
-- KEYS  1 the mark, 2 the clock of the workspace, which is there as soon as it has lived, 3 counters
-- ARGV  1 the folder's mark, 2 'new': only an engine that knows nothing of the workspace takes it; 'adopted': any does,
--       3 up to which number tickets may have been given
-- Returns the mark that the engine has now; '' when it has none and was not given one.
local kept = redis.call('GET', KEYS[1])
if ARGV[2] == 'adopted' then
  if tonumber(redis.call('HGET', KEYS[3], 'ticket') or 0) < tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[3], 'ticket', ARGV[3])
  end
elseif kept or redis.call('EXISTS', KEYS[2]) == 1 then
  return kept or ''
end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]
