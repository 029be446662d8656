#!lua
-- Adds a note to those of a conversation; the newest are kept.
--
-- KEYS  notes LIST, the newest first
-- ARGV  note, how many are kept
-- Returns OK.
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
return 'OK'
