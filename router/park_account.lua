#!lua flags=allow-oom
-- An account of a channel takes nothing now: its messages wait, with pauses that grow while that lasts.
--
--#keys parking, outbox
--#args now: number, account, asked: number (ms that the channel asks for, 0), jitter: number (per mille of the pause), credentials: flag, cause
--#args sequence: number, lane (of the entry that found it out), most: number (ms of the longest pause)
-- Returns {until when, how often it failed in a row}.
--#include outbox.lua
--#include parking.lua
local parked = parked_of(parking, account) or { since = now, failures = 0 }
local pause = credentials and most or math.min(most, 1000 * 2 ^ math.min(parked.failures, 20))
parked.failures = parked.failures + 1
parked['until'] = math.floor(now + math.max(asked, pause * jitter / 1000))
parked.cause, parked.credentials = cause, credentials
parked_write(parking, account, parked)
redis.call('ZADD', parking.waiting, 0, parking_member(account, sequence, lane))
return { parked['until'], parked.failures }
