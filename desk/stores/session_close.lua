#!lua flags=allow-oom
-- Ends a session under all ids it has now.
--
--#keys sessions
--#args digest
-- Returns OK.
--#include session_record.lua
local record = session_load(sessions, digest)
if record then
  if record.next ~= '' then session_remove(sessions, record.next) end
  if record.previous ~= '' then session_remove(sessions, record.previous) end
end
session_remove(sessions, digest)
return 'OK'
