#!lua flags=allow-oom
-- A worker begins to send a held reply: from now on it cannot be taken back. Again it is the same.
--
--#keys held: held_replies
--#args id
-- Returns the reply as JSON, or nothing when it was taken back or has left.
--#include held_reply.lua
local stored = redis.call('HGET', held.replies, id)
if stored then redis.call('SADD', held.leaving, id) end
return stored
