-- Forgets a held reply. Expects KEYS[6] held HASH, KEYS[7] held by ticket ZSET, KEYS[8] leaving SET, KEYS[9] blob
-- references, KEYS[10] condemned blobs. `due` is when files that nobody else needs may go.
local function held_forget(id, reply, due)
  redis.call('HDEL', KEYS[6], id)
  redis.call('ZREM', KEYS[7], reply.ticket .. '|' .. string.format('%016d', reply.due) .. '|' .. id)
  redis.call('SREM', KEYS[8], id)
  blob_release(KEYS[9], KEYS[10], id, due)
end
