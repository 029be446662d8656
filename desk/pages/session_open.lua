#!lua flags=allow-oom
-- Begins a session, or goes on with one under a new id because what it stands for has changed.
--
-- KEYS  see session_record.lua
-- ARGV  1 digest, 2 JSON, 3 now ms, 4 ms until which it holds, 5 how many a principal may have,
--       6 digest of the session whose place it takes or '', 7 ms until which that one serves requests under way
-- Returns OK, or GONE when the one to go on with was ended meanwhile.
--#include session_record.lua
local record, goes_on = cjson.decode(ARGV[2]), tonumber(ARGV[7]) > tonumber(ARGV[3])
session_sweep(ARGV[3])
if ARGV[6] ~= '' then
  local replaced = session_load(ARGV[6])
  if goes_on and not replaced then return 'GONE' end
  if replaced and replaced.next ~= '' then session_remove(replaced.next) end
  if goes_on then
    session_end_soon(ARGV[6], tonumber(ARGV[7]), ARGV[1])
  else
    session_remove(ARGV[6])
  end
end
session_make_room(record.principal, tonumber(ARGV[5]))
session_keep(ARGV[1], record, tonumber(ARGV[4]))
return 'OK'
