#!lua flags=allow-oom
-- Notes that an outgoing article is about to be sent, before it is sent.
--
--#keys article: HASH, outbox, settling: work_settling (of the outbox), parking
--#args now: number, ticket, sequence: number, harmless: flag (a repeat on this channel), account, lane
--#args probe: number (ms for which one goes ahead), longest: number (ms for which a message waits at most)
-- Returns {GO, since when it is queued, whether the account was parked}, {PARKED, until when, cause} while its account
-- takes nothing, {MISSING}, {DONE, state}, {NOT_YET} while an earlier one of the ticket has not left, or
-- {UNCERTAIN, since when, since when it is queued} when a send was begun before and nobody knows what became of it.
--#include outbox.lua
--#include parking.lua
local mine = outbox_member(ticket, sequence)
local delivery = json_value(redis.call('HGET', article, 'delivery'))
if not delivery then return { 'MISSING' } end
if delivery.state ~= 'queued' and delivery.state ~= 'sending' then
  redis.call('ZREM', outbox.unsent, mine)
  return { 'DONE', delivery.state }
end

redis.call('ZREM', parking.waiting, parking_member(account, sequence, lane))
local parked = parked_of(parking, account)
if parked and now < parked['until'] and now - (delivery.queued_at or now) <= longest then
  if delivery.state == 'queued' and delivery.detail ~= parked.cause then
    delivery.detail = parked.cause
    redis.call('HSET', article, 'delivery', cjson.encode(delivery))
  end
  redis.call('ZADD', parking.waiting, 0, parking_member(account, sequence, lane))
  return { 'PARKED', parked['until'], parked.cause }
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
if delivery.state == 'sending' and not harmless then return { 'UNCERTAIN', delivery.at, delivery.queued_at } end
redis.call('HSET', article, 'delivery', cjson.encode({ state = 'sending', detail = '', at = now,
  attempts = (delivery.attempts or 0) + 1, queued_at = delivery.queued_at }))
if parked then
  parked['until'], parked.probe = math.max(parked['until'], now + probe), sequence
  parked_write(parking, account, parked)
end
return { 'GO', delivery.queued_at, parked and 1 or 0 }
