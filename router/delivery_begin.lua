#!lua flags=allow-oom
-- Notes that an outgoing article is about to be sent, before it is sent.
--
--#keys article: HASH, outbox, settling: work_settling (of the outbox), parking
--#args now: number, ticket, harmless: flag (a repeat on this channel), account
--#args lane, token, sequence: number, release: flag (of its lease)
--#args probe: number (ms for which one goes ahead), longest: number (ms for which a message waits at most)
--#args spread: number (ms by which it comes later than its account)
-- Returns {GO, since when it is queued, how often it was said that its account takes nothing (-1: the account is not
-- parked)}, {PUT_OFF} while its account takes nothing, {STALE} when it is another's by now, {MISSING}, {DONE, state},
-- {NOT_YET} while an earlier one of the ticket has not left, or {UNCERTAIN, since when, since when it is queued, since when
-- the channel is asked} when a send was begun before and nobody knows what became of it.
--#include outbox.lua
--#include parking.lua
if not work_holds(outbox.queue, lane, token) then return { 'STALE' } end
local mine = outbox_member(ticket, sequence)
redis.call('ZREM', parking.waiting, parking_member(account, sequence, lane))
local delivery = json_value(redis.call('HGET', article, 'delivery'))
if not delivery then return { 'MISSING' } end
if delivery.state ~= 'queued' and delivery.state ~= 'sending' then
  redis.call('ZREM', outbox.unsent, mine)
  return { 'DONE', delivery.state }
end

local function write()
  redis.call('HSET', article, 'delivery', cjson.encode(delivery))
end

local parked = parked_of(parking, account)
if parked and now < parked['until'] and now - (delivery.queued_at or now) <= longest then
  if delivery.state == 'queued' and delivery.detail ~= parked.cause then
    delivery.detail = parked.cause
    write()
  elseif delivery.asked_since then -- nobody can ask meanwhile
    delivery.asked_since = nil
    write()
  end
  local entry = { lane = lane, token = token, sequence = sequence, release = release }
  parking_wait(parking, outbox.queue, settling, account, entry, parked['until'] + spread, parked.cause, now)
  return { 'PUT_OFF' }
end

-- An earlier one that was given up or dropped holds nobody back.
for _, member in ipairs(redis.call('ZRANGEBYLEX', outbox.unsent, '[' .. ticket .. '|', '(' .. mine, 'LIMIT', 0, 100)) do
  local earlier = tonumber(string.sub(member, -16))
  if redis.call('HEXISTS', outbox.queue.entries, earlier) == 0 then
    redis.call('ZREM', outbox.unsent, member)
  elseif not redis.call('ZSCORE', settling.dead, earlier) then
    if delivery.detail == '' then
      delivery.detail = 'waits for an earlier message of the ticket'
      write()
    end
    return { 'NOT_YET' }
  end
end
if delivery.state == 'sending' and not harmless then
  if not delivery.asked_since then
    delivery.asked_since = now
    write()
  end
  return { 'UNCERTAIN', delivery.at, delivery.queued_at, delivery.asked_since }
end
delivery = { state = 'sending', detail = '', at = now, attempts = (delivery.attempts or 0) + 1, queued_at = delivery.queued_at }
redis.call('HSET', article, 'delivery', cjson.encode(delivery), '_tried_at', now)
redis.call('HDEL', article, '_shown')
if parked then
  parked['until'], parked.probe = math.max(parked['until'], now + probe), sequence
  parked_write(parking, account, parked)
end
return { 'GO', delivery.queued_at, parked and (parked.told or 0) or -1 }
