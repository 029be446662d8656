#!lua flags=allow-oom
-- Withdraws a token. KEYS see token_create.lua. ARGV 1 name. Returns OK or MISSING.
local digest = redis.call('HGET', KEYS[2], ARGV[1])
if not digest then return 'MISSING' end
redis.call('HDEL', KEYS[1], digest)
redis.call('HDEL', KEYS[2], ARGV[1])
return 'OK'
