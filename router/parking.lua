-- Accounts of channels that take nothing now: their messages wait, and those of all others go on.
--
--#group parking
--#keys accounts: HASH (channel \0 account -> JSON: until, since, failures, cause, credentials, probe: which went ahead; see parking.py)
--#keys waiting: ZSET (score 0; channel \0 account \0 member of the outbox's `later`; what to hasten when it goes on)

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

-- Makes what waits for the account due, `limit` of it; returns how many there were.
local function parking_hasten(parking, queue, account, limit, now)
  local members = parking_among(parking, account, limit)
  for _, member in ipairs(members) do
    redis.call('ZREM', parking.waiting, member)
    redis.call('ZADD', queue.later, 'XX', now, string.sub(member, #account + 2))
  end
  if #members > 0 then work_ring(queue) end
  return #members
end
