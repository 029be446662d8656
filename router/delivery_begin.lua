#!lua flags=allow-oom
-- Notes that an outgoing article is about to be sent, before it is sent.
--
-- KEYS  1 article HASH, 2 unsent ZSET
-- ARGV  1 now, 2 ticket id, 3 sequence of the outbox entry, 4 whether a repeat is harmless on the channel (1)
-- Returns {GO}, {MISSING}, {DONE, state}, {NOT_YET} while an earlier one of the ticket has not left, or {UNCERTAIN} when
-- a send was begun before and nobody knows what became of it.
--#include record.lua
local mine = ARGV[2] .. '|' .. string.format('%016d', ARGV[3])
local delivery = json_value(redis.call('HGET', KEYS[1], 'delivery'))
if not delivery then return { 'MISSING' } end
if delivery.state ~= 'queued' and delivery.state ~= 'sending' then return { 'DONE', delivery.state } end
local head = redis.call('ZRANGEBYLEX', KEYS[2], '[' .. ARGV[2] .. '|', '(' .. ARGV[2] .. '}', 'LIMIT', 0, 1)[1]
if head and head < mine then return { 'NOT_YET' } end
if delivery.state == 'sending' and ARGV[4] ~= '1' then return { 'UNCERTAIN' } end
redis.call('HSET', KEYS[1], 'delivery', cjson.encode({ state = 'sending', detail = '', at = tonumber(ARGV[1]),
  attempts = (delivery.attempts or 0) + 1 }))
return { 'GO' }
