#!lua flags=allow-oom
-- Keeps that a source of messages cannot be read, since when and why; or that it is read again.
--
--#keys sources: HASH (channel \0 account -> JSON: since, at, cause, credentials, elsewhere, remedy)
--#args now: number, source, cause? (none: it is read again), credentials: flag, elsewhere: flag, remedy
local stored = redis.call('HGET', sources, source)
if cause == '' then return redis.call('HDEL', sources, source) end
local since = stored and cjson.decode(stored).since or now
redis.call('HSET', sources, source, cjson.encode({
  since = since, at = now, cause = cause, credentials = credentials, elsewhere = elsewhere, remedy = remedy,
}))
return 1
