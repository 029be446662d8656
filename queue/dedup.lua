-- Remembers what was seen: records HASH digest -> value, ages ZSET digest -> intake sequence at the time.
local function dedup_remember(records, ages, digest, value, sequence)
  redis.call('HSET', records, digest, value)
  redis.call('ZADD', ages, sequence, digest)
end
