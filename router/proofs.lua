-- Requests to prove an address, one of a ticket at most.
--
--#group proofs
--#keys records: HASH (ticket -> request), expiry: ZSET (ticket -> ms)

local function proof_end(keys, ticket)
  redis.call('HDEL', keys.records, ticket)
  redis.call('ZREM', keys.expiry, ticket)
end
