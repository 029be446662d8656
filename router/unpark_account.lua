#!lua flags=allow-oom
-- An account of a channel goes on: its messages are due now, some of them in each step.
--
--#keys parking, outbox
--#args what, now: number, account, limit: number, told: number
--   probe     it is only tried: one message goes ahead; where none waits, the account is forgotten
--   goes_on   the first step: it is not parked any more, unless it was said since `told` that it takes nothing
--   follow    a further step, while it is not parked again
-- Returns whether more waits that has to be made due.
--#include outbox.lua
--#include parking.lua
local parked = parked_of(parking, account)
if what == 'probe' then
  local hastened, more = parking_hasten(parking, outbox.queue, account, 1, now)
  if parked and (hastened > 0 or more) then
    parked['until'] = now
    parked_write(parking, account, parked)
  else
    redis.call('HDEL', parking.accounts, account)
  end
  return 0
end
if parked and (what == 'follow' or (parked.told or 0) ~= told) then return 0 end
redis.call('HDEL', parking.accounts, account)
local _, more = parking_hasten(parking, outbox.queue, account, limit, now)
return more and 1 or 0
