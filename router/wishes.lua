#!lua flags=allow-oom
-- What is said of queues has changed, so that waiting tickets may do without what they wish for at another time than they
-- thought: they look. So many at once; the rest with an event of its own.
--
--#keys desk
--#args after? (the member of `wanting` behind which to go on), some: number
-- Returns how many look.
--#include ticket.lua
local members = redis.call('ZRANGE', desk.room.wanting, after == '' and '-' or '(' .. after, '+', 'BYLEX', 'LIMIT', 0, some)
for _, member in ipairs(members) do
  local id = string.match(member, '[^|]*$')
  offers_push(desk, 'ticket:' .. id, '{"event":"overflow","ticket":' .. json_text(id) .. '}')
end
if #members == some then
  offers_push(desk, 'wishes', '{"event":"wishes","after":' .. json_text(members[some]) .. '}')
end
return #members
