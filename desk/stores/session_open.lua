#!lua flags=allow-oom
-- Begins a session, or goes on with one under a new id because what it stands for has changed.
--
--#keys sessions
--#args digest, record: json, now: number, expires: number, most: number (how many a principal may have)
--#args replaces? (digest of the session whose place it takes), serves: number (until when that one serves requests under way)
-- Returns OK, or GONE when the one to go on with was ended meanwhile.
--#include session_record.lua
local goes_on = serves > now
session_sweep(sessions, now)
if replaces ~= '' then
  local replaced = session_load(sessions, replaces)
  if goes_on and not replaced then return 'GONE' end
  if replaced and replaced.next ~= '' then session_remove(sessions, replaced.next) end
  if goes_on then
    session_end_soon(sessions, replaces, serves, digest)
  else
    session_remove(sessions, replaces)
  end
end
session_make_room(sessions, record.principal, most)
session_keep(sessions, digest, record, expires)
return 'OK'
