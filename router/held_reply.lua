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

-- Whether a case stands as it was known when an answer to `ticket` was judged (collisions.py): at its revision, with the
-- replies that are held for it. Nothing is known of what was not judged.
local function held_as_known(held, known, revision, ticket, case)
  if not known or known == cjson.null then return true end
  local found = {}
  for _, id in ipairs(ticket == case and { ticket } or { ticket, case }) do
    for _, member in ipairs(redis.call('ZRANGEBYLEX', held.by_ticket, '[' .. id .. '|', '(' .. id .. '}')) do
      found[#found + 1] = string.sub(member, -36)
    end
  end
  return known.revision == revision and table.concat(known.held, ' ') == table.concat(found, ' ')
end
