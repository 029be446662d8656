-- Sessions of the desk's pages: each lies under the SHA-256 of its id, as JSON.
--
--#group sessions
--#keys records: HASH (digest -> JSON), expiry: ZSET (digest -> ms)
--#keys owners: ZSET (principal \31 created \31 digest, score 0, so that a principal's are found together, the oldest first)
local SWEPT = 20

local function owner_of(record, digest)
  return string.format('%s\31%014.0f\31%s', record.principal, record.created, digest)
end

local function session_load(sessions, digest)
  local stored = redis.call('HGET', sessions.records, digest)
  return stored and cjson.decode(stored)
end

local function session_keep(sessions, digest, record, till)
  redis.call('HSET', sessions.records, digest, cjson.encode(record))
  redis.call('ZADD', sessions.expiry, string.format('%.0f', till), digest)
  redis.call('ZADD', sessions.owners, 0, owner_of(record, digest))
end

local function session_remove(sessions, digest)
  local record = session_load(sessions, digest)
  if record then redis.call('ZREM', sessions.owners, owner_of(record, digest)) end
  redis.call('HDEL', sessions.records, digest)
  redis.call('ZREM', sessions.expiry, digest)
end

-- A session that another has taken the place of serves requests under way, and then ends.
local function session_end_soon(sessions, digest, till, follower)
  local record = session_load(sessions, digest)
  if not record then return end
  record.ending, record.next = true, follower
  redis.call('HSET', sessions.records, digest, cjson.encode(record))
  redis.call('ZADD', sessions.expiry, 'XX', 'LT', string.format('%.0f', till), digest)
end

local function session_sweep(sessions, now)
  for _, digest in ipairs(redis.call('ZRANGE', sessions.expiry, '-inf', now, 'BYSCORE', 'LIMIT', 0, SWEPT)) do
    session_remove(sessions, digest)
  end
end

-- The oldest of a principal make room.
local function session_make_room(sessions, principal, most)
  local first, last = '[' .. principal .. '\31', '[' .. principal .. '\32'
  local over = redis.call('ZLEXCOUNT', sessions.owners, first, last) - most + 1
  if over < 1 then return end
  for _, member in ipairs(redis.call('ZRANGE', sessions.owners, first, last, 'BYLEX', 'LIMIT', 0, over)) do
    session_remove(sessions, string.match(member, '[^\31]+$'))
  end
end
