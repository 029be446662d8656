#!lua flags=allow-oom
-- Says what became of an outgoing article: after a send, from a receipt, or by an agent's word.
--
-- KEYS  1..11 see ticket.lua, 12 article HASH, 13 unsent ZSET, 14 threads HASH, 15..19 the outbox queue
-- ARGV  1 now, 2 actor, 3 state, 4 detail, 5 sequence of the outbox entry or '', 6 kind of the feed line,
--       7 states that it may come from, separated by spaces, 8 provider's reference or '', 9 article id, 10 resend (1)
-- Returns {OK}, {MISSING} or {NOT_FROM, state}.
--#include ../queue/work.lua
--#include ../queue/feed.lua
--#include record.lua
--#include ticket.lua
local now, state, sequence = tonumber(ARGV[1]), ARGV[3], ARGV[5]
local ticket, article = ticket_load(), record_load(KEYS[12])
local delivery = json_value(article.delivery)
if not ticket or not delivery then return { 'MISSING' } end
local id = ticket_get(ticket, 'id')
if sequence ~= '' and state ~= 'queued' then
  redis.call('ZREM', KEYS[13], id .. '|' .. string.format('%016d', sequence))
end
if not string.find(' ' .. ARGV[7] .. ' ', ' ' .. delivery.state .. ' ', 1, true) then return { 'NOT_FROM', delivery.state } end
if ARGV[8] ~= '' then
  redis.call('HSETNX', KEYS[14], 'sent:' .. json_value(article.channel) .. ':' .. ARGV[8], ARGV[9])
end
if ARGV[10] == '1' then
  local pushed = work_push(work_queue(15), 'ticket:' .. id,
    '{"article":' .. json_text(ARGV[9]) .. ',"ticket":' .. json_text(id) .. '}')
  redis.call('ZADD', KEYS[13], 0, id .. '|' .. string.format('%016d', pushed))
end
local same = delivery.state == state or (delivery.state == 'sending' and state == 'queued')
article.delivery = cjson.encode({ state = state, detail = ARGV[4], at = now, attempts = delivery.attempts or 0,
  queued_at = ARGV[10] == '1' and now or delivery.queued_at })
redis.call('HSET', KEYS[12], 'delivery', article.delivery)
if not same then
  ticket_save(ticket, ARGV[6], now, ARGV[2], ',"article":' .. record_json(article))
end
return { 'OK' }
