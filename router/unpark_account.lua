#!lua flags=allow-oom
-- An account of a channel goes on: what waits for it is due now. With `probe` it is only tried: one message goes ahead.
--
--#keys parking, outbox
--#args now: number, account, limit: number, probe: flag
-- Returns how many messages were made due.
--#include outbox.lua
--#include parking.lua
local parked = parked_of(parking, account)
if parked and probe then
  parked['until'] = now
  parked_write(parking, account, parked)
elseif not probe then
  redis.call('HDEL', parking.accounts, account)
end
return parking_hasten(parking, outbox.queue, account, probe and 1 or limit, now)
