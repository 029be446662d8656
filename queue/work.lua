-- Steps of a work queue, shared by every script that adds, claims or finishes work.
--
-- A queue is five keys, in this order (see queue/work.py):
--   entries  HASH  sequence -> payload            every entry that is not finished
--   order    ZSET  lane \0 sequence, score 0      entries ready to be worked on, in order within their lane
--   ready    ZSET  lane -> sequence of its head   lanes that have work and no holder
--   state    HASH  seq, token, idle, l:<lane>     counters; whether a worker sleeps; the token of a lane's holder
--                  in:<kind>, done:<kind>, dead:<kind>, dropped:<kind>, …, kinds    books, see work_count
--   later    ZSET  sequence \0 lane -> due ms     entries that wait for their time; sequence 0: the lane itself waits
-- A lane has one holder at a time, so the entries of one conversation are worked on one after another. A lane whose head
-- could not be worked on waits as a whole (its holder is then `-`), so nothing overtakes.

local function work_queue(first)
  return { entries = KEYS[first], order = KEYS[first + 1], ready = KEYS[first + 2], state = KEYS[first + 3],
           later = KEYS[first + 4] }
end

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

-- Books by the kind of a lane, which is what stands before its first colon. What came in and is neither done nor dropped
-- is still here, so whoever counts the entries can tell that none is missing (desk/board/books.py).
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

local function work_release(queue, lane, leases)
  redis.call('HDEL', queue.state, 'l:' .. lane)
  redis.call('ZREM', leases, lane)
  local head = work_head(queue, lane)
  if head then
    redis.call('ZADD', queue.ready, head, lane)
    work_ring(queue)
  end
end

-- The lane waits until `due`, with its head where it is.
local function work_park(queue, lane, due, leases)
  redis.call('HSET', queue.state, 'l:' .. lane, '-')
  redis.call('ZREM', leases, lane)
  redis.call('ZADD', queue.later, due, string.rep('0', 16) .. '\0' .. lane)
  work_ring(queue)
end

-- Ends an entry in the script that makes its change. `rest` are the keys leases, attempts and causes.
local function work_finish(queue, rest, lane, sequence, release)
  if redis.call('HDEL', queue.entries, sequence) == 1 then work_count(queue, 'done', lane) end
  redis.call('ZREM', queue.order, work_member(lane, sequence))
  redis.call('HDEL', rest[2], sequence, sequence .. '!')
  redis.call('HDEL', rest[3], sequence)
  if release then work_release(queue, lane, rest[1]) end
end
