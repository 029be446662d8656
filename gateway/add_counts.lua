#!lua flags=allow-oom
-- Adds up what processes counted. KEYS 1 counts HASH name -> number. ARGV name, amount, …
for i = 1, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
end
