-- Remembers what was seen.
--
--#group dedup_register
--#keys records: HASH (digest -> value), ages: ZSET (digest -> intake sequence at the time)
local function dedup_remember(register, digest, value, sequence)
  redis.call('HSET', register.records, digest, value)
  redis.call('ZADD', register.ages, sequence, digest)
end
