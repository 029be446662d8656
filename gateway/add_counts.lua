#!lua flags=allow-oom
-- Adds up what processes counted.
--
--#keys counts: HASH (name -> number)
--#args amounts: json (name -> number)
for name, amount in pairs(amounts) do
  redis.call('HINCRBY', counts, name, amount)
end
