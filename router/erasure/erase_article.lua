#!lua flags=allow-oom
-- Leaves of an article that it was, and notes the blobs that nobody else may need.
--
--#keys article: HASH, downloads: HASH, blobs, released: SET (names of blobs)
--#keys passed_on: ZSET (see router/passed_on.py)
--#args due (when what nobody else needs would go), shell... (names and pieces that remain), owners... (who needed its blobs)
--#args members... (what passed_on has of it)
-- Returns how many that were, 0 or 1.
--#include ../../queue/blob_reference.lua
if redis.call('HEXISTS', article, 'erased_at') == 1 or redis.call('EXISTS', article) == 0 then return 0 end
for _, owner in ipairs(owners) do
  for _, member in ipairs(redis.call('ZRANGEBYLEX', blobs.references, '[o:' .. owner .. ':', '(o:' .. owner .. ';')) do
    redis.call('SADD', released, string.sub(member, -64))
  end
  blob_release(blobs, owner, due)
end
for _, member in ipairs(members) do redis.call('ZREM', passed_on, member) end
redis.call('DEL', article, downloads)
redis.call('HSET', article, unpack(shell))
return 1
