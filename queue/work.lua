-- Steps of a work queue, shared by every script that adds, claims or finishes work.
--
-- What a script needs that adds to a queue (see queue/work.py):
--#group work_queue
--#keys entries: HASH (sequence -> payload; every entry that is not finished)
--#keys order: ZSET (lane \0 sequence, score 0; entries ready to be worked on, in order within their lane)
--#keys ready: ZSET (lane -> sequence of its head; lanes that have work and no holder)
--#keys state: HASH (seq, token; idle: whether a worker sleeps; l:<lane>: the token of its holder; counts, see work_count)
--#keys later: ZSET (sequence \0 lane -> due ms; entries that wait for their time; sequence 0: the lane itself waits)
--
-- What it needs beside to claim or finish an entry. Two counts are kept of one: <sequence>, how often it was tried again,
-- by which the pauses grow; and <sequence>!, how often it failed unexpectedly or its worker died, by which it is given up.
--#group work_settling
--#keys leases: ZSET (lane -> expiry ms), attempts: HASH, dead: ZSET (sequence -> ms), causes: HASH (sequence -> JSON)
--
-- A lane has one holder at a time, so the entries of one conversation are worked on one after another. A lane whose head
-- could not be worked on waits as a whole (its holder is then `-`), so nothing overtakes.

local function work_member(lane, sequence)
  return lane .. '\0' .. string.format('%016d', sequence)
end

-- The bell is rung only when a worker said that it sleeps.
local function work_ring(queue)
  if redis.call('HGET', queue.state, 'idle') == '1' then
    redis.call('HSET', queue.state, 'idle', '0')
    redis.call('PUBLISH', queue.state, '1')
  end
end

local function work_line_up(queue, lane, sequence)
  redis.call('ZADD', queue.order, 0, work_member(lane, sequence))
  if redis.call('HEXISTS', queue.state, 'l:' .. lane) == 0 then
    redis.call('ZADD', queue.ready, 'LT', sequence, lane)
    work_ring(queue)
  end
end

local function work_kind(lane)
  return string.match(lane, '^([^:]*):') or ''
end

-- Counts by the kind of a lane, which is what stands before its first colon: in:<kind>, done:<kind>, dead:<kind>, …, kinds.
-- What came in and is neither done nor dropped is still here, so whoever counts the entries can tell that none is missing
-- (desk/board/balance.py).
local function work_count(queue, what, lane, by)
  local kind = work_kind(lane)
  local first = redis.call('HINCRBY', queue.state, what .. ':' .. kind, by or 1) == 1
  if first and what == 'in' then
    redis.call('HSET', queue.state, 'kinds', (redis.call('HGET', queue.state, 'kinds') or '') .. kind .. '\n')
  end
end

local function work_push(queue, lane, payload)
  local sequence = redis.call('HINCRBY', queue.state, 'seq', 1)
  redis.call('HSET', queue.entries, sequence, payload)
  work_count(queue, 'in', lane)
  work_line_up(queue, lane, sequence)
  return sequence
end

local function work_push_later(queue, lane, payload, due)
  local sequence = redis.call('HINCRBY', queue.state, 'seq', 1)
  redis.call('HSET', queue.entries, sequence, payload)
  work_count(queue, 'in', lane)
  redis.call('ZADD', queue.later, due, string.format('%016d', sequence) .. '\0' .. lane)
  work_ring(queue)
  return sequence
end

local function work_holds(queue, lane, token)
  return redis.call('HGET', queue.state, 'l:' .. lane) == token
end

-- Sequence of the first entry that is lined up in the lane, or nil.
local function work_head(queue, lane)
  local head = redis.call('ZRANGEBYLEX', queue.order, '[' .. lane .. '\0', '(' .. lane .. '\1', 'LIMIT', 0, 1)[1]
  return head and tonumber(string.sub(head, -16))
end

local function work_release(queue, settling, lane)
  redis.call('HDEL', queue.state, 'l:' .. lane)
  redis.call('ZREM', settling.leases, lane)
  local head = work_head(queue, lane)
  if head then
    redis.call('ZADD', queue.ready, head, lane)
    work_ring(queue)
  end
end

-- The lane waits until `due`, with its head where it is.
local function work_park(queue, settling, lane, due)
  redis.call('HSET', queue.state, 'l:' .. lane, '-')
  redis.call('ZREM', settling.leases, lane)
  redis.call('ZADD', queue.later, due, string.rep('0', 16) .. '\0' .. lane)
  work_ring(queue)
end

-- Ends an entry in the script that makes its change.
local function work_finish(queue, settling, lane, sequence, release)
  if redis.call('HDEL', queue.entries, sequence) == 1 then work_count(queue, 'done', lane) end
  redis.call('ZREM', queue.order, work_member(lane, sequence))
  redis.call('HDEL', settling.attempts, sequence, sequence .. '!')
  redis.call('HDEL', settling.causes, sequence)
  if release then work_release(queue, settling, lane) end
end
