#!lua
-- Counts one try at the code of a conversation.
--
-- KEYS  1 codes HASH, 2 until ZSET (see code_issue.lua)
-- ARGV  1 now, 2 conversation, 3 tries that are allowed
-- Returns {TRY, record}, or {NONE} when there is no code, or it has run out, or was tried too often.
local conversation = ARGV[2]
local record, til = redis.call('HGET', KEYS[1], conversation), redis.call('ZSCORE', KEYS[2], conversation)
if not record or tonumber(til or '0') <= tonumber(ARGV[1]) then return { 'NONE' } end
if tonumber(redis.call('HGET', KEYS[1], 't:' .. conversation) or '0') >= tonumber(ARGV[3]) then return { 'NONE' } end
redis.call('HINCRBY', KEYS[1], 't:' .. conversation, 1)
return { 'TRY', record }
