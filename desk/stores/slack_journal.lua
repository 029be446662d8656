#!lua
-- Keeps one thing that Slack told the desk, once, in order with what is about the same thread.
--
--#keys queue: work_queue, register: dedup_register, intake_state: HASH
--#args digest (of what a repeat has too), lane, payload (begins with its time in microseconds, 16 digits)
-- Returns 1, or 0 for a repeat.
--#include ../../queue/work.lua
--#include ../../queue/dedup.lua
if redis.call('HEXISTS', register.records, digest) == 1 then return 0 end
local sequence = work_push(queue, lane, payload)
-- The sweep forgets by what intake had counted at the time; the next of it comes after this one.
dedup_remember(register, digest, '1', (redis.call('HGET', intake_state, 'seq') or 0) + 1)
-- What came late goes before what happened after it, as long as nobody has taken the lane.
if redis.call('HEXISTS', queue.state, 'l:' .. lane) == 0 then
  local before = redis.call('ZREVRANGEBYLEX', queue.order, '(' .. work_member(lane, sequence), '[' .. lane .. '\0',
    'LIMIT', 0, 100)
  for _, member in ipairs(before) do
    local earlier = tonumber(string.sub(member, -16))
    local other = redis.call('HGET', queue.entries, earlier)
    if not other or string.sub(other, 1, 16) <= string.sub(payload, 1, 16) then break end
    redis.call('HSET', queue.entries, sequence, other, earlier, payload)
    sequence = earlier
  end
end
return 1
