#!lua flags=allow-oom
-- Notes that an outgoing article is about to be sent, before it is sent.
--
--#keys article: HASH, outbox, settling: work_settling (of the outbox)
--#args now: number, ticket, sequence: number, harmless: flag (a repeat on this channel)
-- Returns {GO, since when it is queued}, {MISSING}, {DONE, state}, {NOT_YET} while an earlier one of the ticket has not
-- left, or {UNCERTAIN, since when} when a send was begun before and nobody
-- knows what became of it.
--#include outbox.lua
local mine = outbox_member(ticket, sequence)
local delivery = json_value(redis.call('HGET', article, 'delivery'))
if not delivery then return { 'MISSING' } end
if delivery.state ~= 'queued' and delivery.state ~= 'sending' then
  redis.call('ZREM', outbox.unsent, mine)
  return { 'DONE', delivery.state }
end

-- An earlier one that was given up or dropped holds nobody back.
for _, member in ipairs(redis.call('ZRANGEBYLEX', outbox.unsent, '[' .. ticket .. '|', '(' .. mine, 'LIMIT', 0, 100)) do
  local earlier = tonumber(string.sub(member, -16))
  if redis.call('HEXISTS', outbox.queue.entries, earlier) == 0 then
    redis.call('ZREM', outbox.unsent, member)
  elseif not redis.call('ZSCORE', settling.dead, earlier) then
    if delivery.detail == '' then
      delivery.detail = 'waits for an earlier message of the ticket'
      redis.call('HSET', article, 'delivery', cjson.encode(delivery))
    end
    return { 'NOT_YET' }
  end
end
if delivery.state == 'sending' and not harmless then return { 'UNCERTAIN', delivery.at } end
redis.call('HSET', article, 'delivery', cjson.encode({ state = 'sending', detail = '', at = now,
  attempts = (delivery.attempts or 0) + 1, queued_at = delivery.queued_at }))
return { 'GO', delivery.queued_at }
