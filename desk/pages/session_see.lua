#!lua flags=allow-oom
-- Looks a session up, notes that it is used, and gives it a new id when its id is old.
--
-- The new id holds from the moment it is made, beside the old one; the first request that carries it ends the old one,
-- after a little time for requests under way. If the answer with the new id was lost, another is made.
--
-- KEYS  see session_record.lua
-- ARGV  1 digest, 2 now ms, 3 digest of a new id or '' when none can be given, 4 1 when a person asks,
--       5 idle ms, 6 longest ms, 7 age ms at which an id is old, 8 ms for requests under way, 9 ms between notes of use
-- Returns false, or {JSON, 1 when the new id was taken}.
--#include session_record.lua
local digest, now, fresh, person = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4] == '1'
local idle, longest, old, grace, note = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]),
  tonumber(ARGV[9])
local record = session_load(digest)
local till = tonumber(redis.call('ZSCORE', KEYS[2], digest) or 0)
if not record or till <= now then
  session_remove(digest)
  return false
end

local changed, rotated = false, 0
if record.previous ~= '' and not record.confirmed then
  session_end_soon(record.previous, now + grace, digest)
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
  session_sweep(ARGV[2])
  if handed_over then session_remove(record.next) end
  local follower = cjson.decode(cjson.encode(record))
  follower.previous, follower.next, follower.confirmed, follower.rotated = digest, '', false, now
  session_keep(fresh, follower, till)
  record.next, record.rotated = fresh, now
  changed, rotated = true, 1
end
if changed then session_keep(digest, record, till) end
return { cjson.encode(record), rotated }
