-- Accounts of channels that take nothing now: their messages wait, and those of all others go on.
--
--#group parking
--#keys accounts: HASH (channel \0 account -> JSON: until, since, failures, told: how often it was said, cause, credentials, probe: which went ahead; see parking.py)
--#keys waiting: ZSET (score 0; channel \0 account \0 member of the outbox's `later`; what to hasten when it goes on)
--
-- A message waits here from the step that puts it off until it is begun again. What leaves the outbox another way, because it
-- is dropped for instance, is not in `later` any more: it counts for nothing, and goes when its account goes on.
--#include ../queue/work_again.lua

local MOST_EXAMINED = 2000 -- members in one step

local function parked_of(parking, account)
  return json_value(redis.call('HGET', parking.accounts, account))
end

local function parking_member(account, sequence, lane)
  return account .. '\0' .. string.format('%016d', sequence) .. '\0' .. lane
end

local function parked_write(parking, account, parked)
  redis.call('HSET', parking.accounts, account, cjson.encode(parked))
end

local function parking_among(parking, account, limit)
  return redis.call('ZRANGEBYLEX', parking.waiting, '[' .. account .. '\0', '(' .. account .. '\1', 'LIMIT', 0, limit)
end

-- Puts off an entry that its holder works on; `entry` has lane, token, sequence and release. One that is another's by now,
-- or is finished, is left alone. With `counted` the pauses after it grow.
local function parking_wait(parking, queue, settling, account, entry, due, cause, now, counted)
  if not work_holds(queue, entry.lane, entry.token) then return end
  if redis.call('HEXISTS', queue.entries, entry.sequence) == 1 then
    work_again(queue, settling, entry.lane, entry.sequence, due, cause, now)
    redis.call('ZADD', parking.waiting, 0, parking_member(account, entry.sequence, entry.lane))
    if counted then redis.call('HINCRBY', settling.attempts, entry.sequence, 1) end
  end
  if entry.release then work_release(queue, settling, entry.lane) end
end

-- Makes what waits for the account due, `limit` of it; returns how much that was, and whether more is left.
local function parking_hasten(parking, queue, account, limit, now)
  local hastened = 0
  for _, member in ipairs(parking_among(parking, account, MOST_EXAMINED)) do
    if hastened == limit then break end
    local waits = string.sub(member, #account + 2)
    redis.call('ZREM', parking.waiting, member)
    if redis.call('ZSCORE', queue.later, waits) then
      redis.call('ZADD', queue.later, now, waits)
      hastened = hastened + 1
    end
  end
  if hastened > 0 then work_ring(queue) end
  return hastened, #parking_among(parking, account, 1) > 0
end
