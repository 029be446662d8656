#!lua flags=no-writes
-- Looks up who wrote and what the message may join.
--
-- KEYS  1 filed records, 2 identities HASH, 3 threads HASH
-- ARGV  1 digest of the filing key, 2 number of identity keys, then identity keys, then thread keys
-- Returns {filed or '', {customer id or '', …}, {ticket id or '', …}}.
local customers, tickets = {}, {}
for i = 3, #ARGV do
  local identity = i <= 2 + ARGV[2]
  local found = redis.call('HGET', identity and KEYS[2] or KEYS[3], ARGV[i]) or ''
  local into = identity and customers or tickets
  into[#into + 1] = found
end
return { redis.call('HGET', KEYS[1], ARGV[1]) or '', customers, tickets }
