#!lua flags=allow-oom
-- Somebody who has a token has left: those who wait for it and could do without look for an agent again, where nobody on duty
-- has what they need. So many at once; the rest with an event of its own.
--
--#keys desk
--#args now: number, token, after? (the ticket behind which to go on), some: number
-- Returns how many look again.
--#include find_agent.lua
if agents_are_halfway(desk, now) then
  look_when_all_are_known(desk, token)
  return 0
end
local from = after == '' and '[' .. token .. '|' or '(' .. token .. '|' .. after
local members = redis.call('ZRANGE', desk.room.wanting, from, '(' .. token .. '}', 'BYLEX', 'LIMIT', 0, some)
local again, known = 0, {}
for _, member in ipairs(members) do
  local id = string.sub(member, #token + 2)
  local signature = waiting_room.place(desk, id).signature
  if known[signature] == nil then known[signature] = somebody_on_duty(desk, signature) end
  if not known[signature] then
    offers_push(desk, 'ticket:' .. id, '{"event":"again","ticket":' .. json_text(id) .. '}')
    again = again + 1
  end
end
if #members == some then
  offers_push(desk, 'token:' .. token, '{"event":"deserted","token":' .. json_text(token) .. ',"after":'
    .. json_text(string.sub(members[some], #token + 2)) .. '}')
end
return again
