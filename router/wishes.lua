#!lua flags=allow-oom
-- What is said of a queue has changed, so that tickets that wait there may do without what they wish for at another time than
-- they thought, or not at all: they look. So many at once; the rest with an event of its own.
--
--#keys desk
--#args queue, after? (the member of `waiting` behind which to go on), some: number
-- Returns how many look.
--#include ticket.lua
local from = after == '' and '[' .. queue .. '|' or '(' .. after
local members = redis.call('ZRANGE', desk.waiting, from, '(' .. queue .. '}', 'BYLEX', 'LIMIT', 0, some)
for _, member in ipairs(members) do
  local id = string.match(member, '[^|]*$')
  offers_push(desk, 'ticket:' .. id, '{"event":"overflow","ticket":' .. json_text(id) .. '}')
end
if #members == some then
  offers_push(desk, 'wishes:' .. queue,
    '{"event":"wishes","queue":' .. json_text(queue) .. ',"after":' .. json_text(members[some]) .. '}')
end
return #members
