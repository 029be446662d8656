#!lua
-- Counts one try at the code of a conversation.
--
--#keys codes
--#args now: number, conversation, allowed: number (tries)
-- Returns {TRY, record}, or {NONE} when there is no code, or it has run out, or was tried too often.
--#include codes.lua
local record = redis.call('HGET', codes.records, conversation)
if not record or tonumber(redis.call('ZSCORE', codes.expiry, conversation) or '0') <= now then return { 'NONE' } end
if tonumber(redis.call('HGET', codes.records, 't:' .. conversation) or '0') >= allowed then return { 'NONE' } end
redis.call('HINCRBY', codes.records, 't:' .. conversation, 1)
return { 'TRY', record }
