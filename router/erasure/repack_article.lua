#!lua flags=allow-oom
-- Has an article name copies of its contents that lie in another pack, so that the old pack can go.
--
--#keys article: HASH, blobs
--#args owner (the article), pack (the sha256 of the old one), due (when it would go)
--#args names... (fields), before... (their pieces), now... (the new ones), contents... (names of the new contents)
-- Returns OK, CHANGED when the article names others, or BLOB_CONDEMNED.
--#include ../../queue/blob_reference.lua
for i, name in ipairs(names) do
  if redis.call('HGET', article, name) ~= before[i] then return 'CHANGED' end
end
for _, content in ipairs(contents) do
  if not blob_usable(blobs, content) then return 'BLOB_CONDEMNED' end
end
for _, content in ipairs(contents) do blob_reference(blobs, content, owner) end
for i, name in ipairs(names) do redis.call('HSET', article, name, now[i]) end
redis.call('ZREM', blobs.references, 'o:' .. owner .. ':' .. pack, 'b:' .. pack .. ':' .. owner)
blob_condemn(blobs, pack, due)
return 'OK'
