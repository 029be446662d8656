#!lua flags=allow-oom
-- Notes who took a file of an article last, and when.
--
--#keys marks: HASH ("sha256|who" -> ms, of one article)
--#args field, now, most: number (fields)
-- Returns 1, or 0 when there is no room for another.
if redis.call('HEXISTS', marks, field) == 0 and redis.call('HLEN', marks) >= most then return 0 end
redis.call('HSET', marks, field, now)
return 1
