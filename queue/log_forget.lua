#!lua flags=allow-oom
-- Forgets what is known of a conversation beside its lines, and in the tail of all logs that it was among them.
--
--#keys state: HASH, here: ZSET, tail: STREAM, notes...: LIST
--#args conversation
-- Returns OK. Whoever follows the tail is told to look at everything, by a name that no conversation has.
local known = redis.call('HGETALL', state)
for i = 1, #known, 2 do
  if string.sub(known[i], 1, 5) == 'fact:' then redis.call('HDEL', state, known[i]) end
end
redis.call('ZREM', here, conversation)
if #notes > 0 then redis.call('DEL', unpack(notes)) end
redis.call('XTRIM', tail, 'MAXLEN', 0)
redis.call('XADD', tail, '*', 'c', '', 'p', 0)
return 'OK'
