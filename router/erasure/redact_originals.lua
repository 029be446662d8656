#!lua flags=allow-oom
-- Has an article say less of the messages that it passes on, and be found by fewer people.
--
--#keys article: HASH, passed_on: ZSET (see router/passed_on.py)
--#args before (the piece as it was read), now (what remains; nothing: the field goes), members... (that go)
-- Returns OK, or CHANGED when the article is another by now.
if (redis.call('HGET', article, 'originals') or '') ~= before then return 'CHANGED' end
if now ~= '' then
  redis.call('HSET', article, 'originals', now)
else
  redis.call('HDEL', article, 'originals')
end
for _, member in ipairs(members) do redis.call('ZREM', passed_on, member) end
return 'OK'
