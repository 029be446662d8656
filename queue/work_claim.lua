#!lua flags=allow-oom
-- Lines up what is due, frees lanes whose holder is gone, and leases ready lanes to the caller. Who has taken all that was
-- ready need not ask again before the bell rings.
--
--#keys queue: work_queue, settling: work_settling
--#args now: number, lease: number (ms), lanes: number (most), per_lane (most entries), attempts: number (most)
--#args died (cause for an entry whose worker died)
-- Returns {ms until something is due, or -1 when nothing is, or -2 when more is ready; lane, token, n, sequence, payload, attempts, failures, …, lane, …}.
--#include work_dead.lua
for _, member in ipairs(redis.call('ZRANGE', queue.later, '-inf', now, 'BYSCORE', 'LIMIT', 0, 200)) do
  redis.call('ZREM', queue.later, member)
  local sequence, lane = tonumber(string.sub(member, 1, 16)), string.sub(member, 18)
  if sequence > 0 then
    work_line_up(queue, lane, sequence)
  elseif work_holds(queue, lane, '-') then
    work_release(queue, settling, lane)
  end
end

-- A holder works on its lane from the head, so the head is what it was at when it died.
for _, lane in ipairs(redis.call('ZRANGE', settling.leases, '-inf', now, 'BYSCORE', 'LIMIT', 0, 200)) do
  local head = work_head(queue, lane)
  if head and redis.call('HINCRBY', settling.attempts, head .. '!', 1) >= attempts then
    work_give_up(queue, settling, lane, head, now, died)
  end
  work_release(queue, settling, lane)
end

local MOST_BYTES = 4000000 -- of payloads in one answer, which must be read within a second
local answer, bytes = { -1 }, 0
for _, lane in ipairs(redis.call('ZRANGE', queue.ready, 0, lanes - 1)) do
  if bytes > MOST_BYTES then break end
  local token = redis.call('HINCRBY', queue.state, 'token', 1)
  redis.call('HSET', queue.state, 'l:' .. lane, token)
  redis.call('ZADD', settling.leases, now + lease, lane)
  redis.call('ZREM', queue.ready, lane)
  local members = redis.call('ZRANGEBYLEX', queue.order, '[' .. lane .. '\0', '(' .. lane .. '\1', 'LIMIT', 0, per_lane)
  answer[#answer + 1] = lane
  answer[#answer + 1] = token
  answer[#answer + 1] = #members
  for _, member in ipairs(members) do
    local sequence = tonumber(string.sub(member, -16))
    answer[#answer + 1] = sequence
    local payload, counts = redis.call('HGET', queue.entries, sequence) or '', redis.call('HMGET', settling.attempts, sequence, sequence .. '!')
    bytes = bytes + #payload
    answer[#answer + 1] = payload
    answer[#answer + 1] = tonumber(counts[1] or 0)
    answer[#answer + 1] = tonumber(counts[2] or 0)
  end
end

if redis.call('EXISTS', queue.ready) == 1 then
  answer[1] = -2
else
  if redis.call('HGET', queue.state, 'idle') ~= '1' then redis.call('HSET', queue.state, 'idle', '1') end -- a write waits for the disk
  for _, waiting in ipairs({ queue.later, settling.leases }) do
    local due = redis.call('ZRANGE', waiting, 0, 0, 'WITHSCORES')[2]
    if due then
      local wait = math.max(0, tonumber(due) - now)
      if answer[1] < 0 or wait < answer[1] then answer[1] = wait end
    end
  end
end
return answer
