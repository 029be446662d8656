#!lua flags=allow-oom
-- A worker begins to send a held reply: from now on it cannot be taken back. Again it is the same.
--
-- KEYS  1 held HASH, 2 leaving SET
-- ARGV  1 id
-- Returns the reply as JSON, or nothing when it was taken back or has left.
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if stored then redis.call('SADD', KEYS[2], ARGV[1]) end
return stored
