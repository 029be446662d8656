#!lua
-- Keeps what somebody asked last: nothing more (STOP), or messages again (START), which is kept only after a STOP.
--
--#keys wishes: HASH (who -> JSON {wish, at, by: wish -> its last message})
--#args who, wish, message, at: number (ms)
-- A message that was heard before, and one from before the last, changes nothing. Returns the wish that counts.
local kept = redis.call('HGET', wishes, who)
if not kept and wish ~= 'STOP' then return '' end
local known = kept and cjson.decode(kept) or { at = 0, by = {} }
if known.by[wish] == message or at < known.at then return known.wish end
known.wish, known.at, known.by[wish] = wish, at, message
redis.call('HSET', wishes, who, cjson.encode(known))
return wish
