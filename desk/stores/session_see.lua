#!lua flags=allow-oom
-- Looks a session up, notes that it is used, and gives it a new id when its id is old.
--
-- The new id holds from the moment it is made, beside the old one; the first request that carries it ends the old one,
-- after a little time for requests under way. If the answer with the new id was lost, another is made.
--
--#keys sessions
--#args digest, now: number, fresh? (digest of a new id; none: none can be given), person: flag (a person asks)
--#args idle: number (ms), longest: number (ms), old: number (age of an id in ms), grace: number (ms for requests under way)
--#args note: number (ms between notes of use)
-- Returns false, or {JSON, 1 when the new id was taken}.
--#include session_record.lua
local record = session_load(sessions, digest)
local till = tonumber(redis.call('ZSCORE', sessions.expiry, digest) or 0)
if not record or till <= now then
  session_remove(sessions, digest)
  return false
end

local changed, rotated = false, 0
if record.previous ~= '' and not record.confirmed then
  session_end_soon(sessions, record.previous, now + grace, digest)
  record.confirmed = true
  changed = true
end
if person and not record.ending and now - record.seen >= note then
  record.seen = now
  till = math.min(now + idle, record.created + longest)
  changed = true
end
local handed_over = record.next ~= ''
if fresh ~= '' and not record.ending and now - record.rotated >= (handed_over and grace or old) then
  session_sweep(sessions, now)
  if handed_over then session_remove(sessions, record.next) end
  local follower = cjson.decode(cjson.encode(record))
  follower.previous, follower.next, follower.confirmed, follower.rotated = digest, '', false, now
  session_keep(sessions, fresh, follower, till)
  record.next, record.rotated = fresh, now
  changed, rotated = true, 1
end
if changed then session_keep(sessions, digest, record, till) end
return { cjson.encode(record), rotated }
