-- Sessions of the desk's pages: each lies under the SHA-256 of its id, as JSON.
--
-- KEYS of every script  1 sessions HASH digest -> JSON, 2 until ZSET digest -> ms, 3 owners ZSET of
-- principal \31 created \31 digest, all scores 0, so that a principal's are found together, the oldest first
local SWEPT = 20

local function owner_of(record, digest)
  return string.format('%s\31%014.0f\31%s', record.principal, record.created, digest)
end

local function session_load(digest)
  local stored = redis.call('HGET', KEYS[1], digest)
  return stored and cjson.decode(stored)
end

local function session_keep(digest, record, till)
  redis.call('HSET', KEYS[1], digest, cjson.encode(record))
  redis.call('ZADD', KEYS[2], string.format('%.0f', till), digest)
  redis.call('ZADD', KEYS[3], 0, owner_of(record, digest))
end

local function session_remove(digest)
  local record = session_load(digest)
  if record then redis.call('ZREM', KEYS[3], owner_of(record, digest)) end
  redis.call('HDEL', KEYS[1], digest)
  redis.call('ZREM', KEYS[2], digest)
end

-- A session that another has taken the place of serves requests under way, and then ends.
local function session_end_soon(digest, till, follower)
  local record = session_load(digest)
  if not record then return end
  record.ending, record.next = true, follower
  redis.call('HSET', KEYS[1], digest, cjson.encode(record))
  redis.call('ZADD', KEYS[2], 'XX', 'LT', string.format('%.0f', till), digest)
end

local function session_sweep(now)
  for _, digest in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', now, 'BYSCORE', 'LIMIT', 0, SWEPT)) do
    session_remove(digest)
  end
end

-- The oldest of a principal make room.
local function session_make_room(principal, most)
  local first, last = '[' .. principal .. '\31', '[' .. principal .. '\32'
  local over = redis.call('ZLEXCOUNT', KEYS[3], first, last) - most + 1
  if over < 1 then return end
  for _, member in ipairs(redis.call('ZRANGE', KEYS[3], first, last, 'BYLEX', 'LIMIT', 0, over)) do
    session_remove(string.match(member, '[^\31]+$'))
  end
end
