#!lua flags=allow-oom
-- An account of a channel takes nothing now: its messages wait, with pauses that grow while that lasts.
--
--#keys parking, outbox
--#args now: number, account, asked: number (ms that the channel asks for, 0), jitter: number (per mille of the pause), credentials: flag, cause
--#args sequence: number, lane (of the entry that found it out), most: number (ms of the longest pause)
-- Returns {until when, whether it begins with this}.
--#include outbox.lua
--#include parking.lua
local known = parked_of(parking, account)
local begins, parked = not known, known or { since = now, failures = 0, ['until'] = now }
if now >= parked['until'] or parked.probe == sequence then
  local pause = credentials and most or math.min(most, 1000 * 2 ^ math.min(parked.failures, 20))
  parked.failures, parked.probe = parked.failures + 1, nil
  parked['until'] = math.floor(now + math.max(asked, pause * jitter / 1000))
else -- it was under way when this was found out: that the account still takes nothing is known
  parked['until'] = math.max(parked['until'], now + asked)
end
parked.cause, parked.credentials = cause, credentials
parked_write(parking, account, parked)
redis.call('ZADD', parking.waiting, 0, parking_member(account, sequence, lane))
return { parked['until'], begins and 1 or 0 }
