#!lua flags=allow-oom
-- Notes who took a file of an article last, and when.
--
-- KEYS  1 HASH "sha256|who" -> ms, of one article
-- ARGV  1 field, 2 now ms, 3 how many fields there may be
-- Returns 1, or 0 when there is no room for another.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
