#!lua flags=allow-oom
-- Withdraws a token.
--
--#keys tokens
--#args name
-- Returns OK or MISSING.
--#include tokens.lua
local digest = redis.call('HGET', tokens.names, name)
if not digest then return 'MISSING' end
redis.call('HDEL', tokens.records, digest)
redis.call('HDEL', tokens.names, name)
return 'OK'
