#!lua flags=allow-oom
-- An account of a channel takes nothing now: its messages wait, with pauses that grow while that lasts. The one that found
-- it out is put off in the same step, so that whoever lets the account go on meanwhile finds it.
--
--#keys parking, outbox, settling: work_settling (of the outbox)
--#args now: number, account, asked: number (ms that the channel asks for, 0), jitter: number (per mille of the pause), credentials: flag, cause
--#args lane, token, sequence: number, release: flag (of the entry that found it out)
--#args waits: flag (that entry is put off), least: number (ms for which it is), most: number (ms of the longest pause), spread: number (ms by which it comes later than its account)
-- Returns whether it begins with this.
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
parked.told, parked.cause, parked.credentials = (parked.told or 0) + 1, cause, credentials
parked_write(parking, account, parked)
if waits then
  local entry = { lane = lane, token = token, sequence = sequence, release = release }
  local due = math.max(parked['until'] + spread, now + least)
  parking_wait(parking, outbox.queue, settling, account, entry, due, cause, now, true)
end
return begins and 1 or 0
