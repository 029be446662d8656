#!lua flags=allow-oom
-- The safety net: heads of lines for which an agent is free, and tickets that wait for a token that nobody on duty has. There
-- should be none; those that are found look for an agent again.
--
--#keys desk
--#args now: number, after? (the head behind which to go on), some: number
-- Returns {how many were found, the head behind which to go on or ''}.
--#include find_agent.lua
local members = redis.call('ZRANGE', desk.room.heads, after == '' and '-' or '(' .. after, '+', 'BYLEX', 'LIMIT', 0, some)
local found = 0
for _, member in ipairs(members) do
  local id, signature = string.match(member, '^[^|]*|%d|%d+|([^|]+)|'), string.match(member, '[^|]*$')
  local place = waiting_room.place(desk, id)
  local able = find_agent(desk, place, signature, now)
  if not able and place.relaxed > 0 then able = find_agent(desk, place, waiting_room.signature(place, place.relaxed), now) end
  if able or drop_deserted(desk, place, now) then
    offers_push(desk, 'ticket:' .. id, '{"event":"again","ticket":' .. json_text(id) .. '}')
    if able then found = found + 1 end
  end
end
return { found, #members == some and members[some] or '' }
