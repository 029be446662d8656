#!lua flags=allow-oom
-- The agents have changed: lines stand under the token that fewest agents have now. So many heads at once.
--
--#keys desk
--#args after? (the head behind which to go on), some: number
-- Returns the head behind which to go on, or ''.
--#include ticket.lua
local room, known = desk.room, {}
local members = redis.call('ZRANGE', room.heads, after == '' and '-' or '(' .. after, '+', 'BYLEX', 'LIMIT', 0, some)

-- All heads of a signature move together.
local function move(signature, old, new)
  for priority = 1, 4 do
    local line = signature .. '|' .. priority
    local head = waiting_room.under(room.lines, line, 0, 1)[1]
    if head then
      local tail = '|' .. priority .. '|' .. string.sub(head, #line + 2) .. '|' .. signature
      redis.call('ZREM', room.heads, old .. tail)
      redis.call('ZADD', room.heads, 0, new .. tail)
      waiting_room.count(room, 'heads|' .. old .. '|' .. priority, -1)
      waiting_room.count(room, 'heads|' .. new .. '|' .. priority, 1)
    end
  end
  redis.call('HSET', room.counts, 'anchor|' .. signature, new)
end

for _, member in ipairs(members) do
  local signature, old = string.match(member, '[^|]*$'), string.match(member, '^[^|]*')
  if not known[signature] then
    known[signature] = rarest(desk.staff, signature)
    if known[signature] ~= old then move(signature, old, known[signature]) end
  end
end
return #members == some and members[some] or ''
