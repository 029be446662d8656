#!lua flags=no-writes
-- Looks up who wrote and what the message may join.
--
--#keys register: dedup_register (of what is filed), copies: dedup_register (by what copies share)
--#keys identities: HASH, threads: HASH
--#args own, former, shared (digests of its filing keys), people... (identity keys), conversations... (thread keys)
-- Returns {{places or '' for each filing key}, {customer id or '', …}, {ticket id or '', …}}.
--#include ../queue/dedup.lua
local function found(hash, fields)
  local values = {}
  for i, field in ipairs(fields) do values[i] = redis.call('HGET', hash, field) or '' end
  return values
end

local filed = found(register.records, { own, former })
filed[3] = redis.call('HGET', copies.records, shared) or ''
return { filed, found(identities, people), found(threads, conversations) }
