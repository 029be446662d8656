#!lua
-- Gives the engine the birth mark of a data folder, when that may be.
--
--#keys mark: STRING, clock: STRING (there as soon as the workspace has lived), counters: HASH
--#args id (the folder's mark), state (new: only an engine that knows nothing of the workspace takes it; adopted: any does)
--#args numbers: number (up to which number tickets may have been given)
-- Returns the mark that the engine has now; '' when it has none and was not given one.
local kept = redis.call('GET', mark)
if state == 'adopted' then
  if tonumber(redis.call('HGET', counters, 'ticket') or 0) < numbers then
    redis.call('HSET', counters, 'ticket', numbers)
  end
elseif kept or redis.call('EXISTS', clock) == 1 then
  return kept or ''
end
redis.call('SET', mark, id)
return id
