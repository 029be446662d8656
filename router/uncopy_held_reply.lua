#!lua flags=allow-oom
-- Changes whom a held reply goes to as well, while it is as it was seen.
--
--#keys held: held_replies
--#args id, before, after (JSON)
--#include held_reply.lua
if redis.call('HGET', held.replies, id) == before then redis.call('HSET', held.replies, id, after) end
