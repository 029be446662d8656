#!lua flags=allow-oom
-- Notes that an outgoing article is about to be sent, before it is sent.
--
-- KEYS  1 article HASH, 2 unsent ZSET, 3 entries and 4 dead letters of the outbox
-- ARGV  1 now, 2 ticket id, 3 sequence of the outbox entry, 4 whether a repeat is harmless on the channel (1)
-- Returns {GO, since when it is queued}, {MISSING}, {DONE, state}, {NOT_YET} while an earlier one of the ticket has not left, or {UNCERTAIN} when
-- a send was begun before and nobody knows what became of it.
--#include record.lua
local mine = ARGV[2] .. '|' .. string.format('%016d', ARGV[3])
local delivery = json_value(redis.call('HGET', KEYS[1], 'delivery'))
if not delivery then return { 'MISSING' } end
if delivery.state ~= 'queued' and delivery.state ~= 'sending' then
  redis.call('ZREM', KEYS[2], mine)
  return { 'DONE', delivery.state }
end

-- An earlier one that was given up or dropped holds nobody back.
for _, member in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], '[' .. ARGV[2] .. '|', '(' .. mine, 'LIMIT', 0, 100)) do
  local earlier = tonumber(string.sub(member, -16))
  if redis.call('HEXISTS', KEYS[3], earlier) == 0 then
    redis.call('ZREM', KEYS[2], member)
  elseif not redis.call('ZSCORE', KEYS[4], earlier) then
    if delivery.detail == '' then
      delivery.detail = 'waits for an earlier message of the ticket'
      redis.call('HSET', KEYS[1], 'delivery', cjson.encode(delivery))
    end
    return { 'NOT_YET' }
  end
end
if delivery.state == 'sending' and ARGV[4] ~= '1' then return { 'UNCERTAIN' } end
redis.call('HSET', KEYS[1], 'delivery', cjson.encode({ state = 'sending', detail = '', at = tonumber(ARGV[1]),
  attempts = (delivery.attempts or 0) + 1, queued_at = delivery.queued_at }))
return { 'GO', delivery.queued_at }
