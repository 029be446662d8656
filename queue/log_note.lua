#!lua
-- Adds a note to those of a conversation; the newest are kept.
--
--#keys notes: LIST (the newest first)
--#args note, kept: number (how many)
-- Returns OK.
redis.call('LPUSH', notes, note)
redis.call('LTRIM', notes, 0, kept - 1)
return 'OK'
