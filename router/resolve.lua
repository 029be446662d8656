#!lua flags=no-writes
-- Looks up who wrote and what the message may join.
--
--#keys register: dedup_register (of what is filed), identities: HASH, threads: HASH
--#args digest (of the filing key), people... (identity keys), conversations... (thread keys)
-- Returns {filed or '', {customer id or '', …}, {ticket id or '', …}}.
--#include ../queue/dedup.lua
local function found(hash, fields)
  local values = {}
  for i, field in ipairs(fields) do values[i] = redis.call('HGET', hash, field) or '' end
  return values
end

return { redis.call('HGET', register.records, digest) or '', found(identities, people), found(threads, conversations) }
