#!lua flags=allow-oom
-- Ends a session under all ids it has now.
--
-- KEYS  see session_record.lua
-- ARGV  1 digest
-- Returns OK.
--#include session_record.lua
local record = session_load(ARGV[1])
if record then
  if record.next ~= '' then session_remove(record.next) end
  if record.previous ~= '' then session_remove(record.previous) end
end
session_remove(ARGV[1])
return 'OK'
