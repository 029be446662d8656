-- Replies that are held back for a while.
--
--#group held_replies
--#keys replies: HASH (id -> JSON), by_ticket: ZSET (<ticket>|<due, 16 digits>|<id>), leaving: SET (ids)

--#include ../queue/blob_reference.lua

-- Forgets one. `due` is when files that nobody else needs may go.
local function held_forget(held, blobs, id, reply, due)
  redis.call('HDEL', held.replies, id)
  redis.call('ZREM', held.by_ticket, reply.ticket .. '|' .. string.format('%016d', reply.due) .. '|' .. id)
  redis.call('SREM', held.leaving, id)
  blob_release(blobs, id, due)
end
