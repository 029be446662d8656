-- The acknowledgement of a ticket, in the step that decides on it.
--
--#include ticket.lua
--#include article.lua
--#include outbox.lua

-- At most so many an hour go to one address.
local function may_acknowledge(acknowledgements, to, per_hour, now)
  local hour = string.format('%.0f', math.floor(now / 3600000))
  if redis.call('HGET', acknowledgements, 'hour') ~= hour then
    redis.call('DEL', acknowledgements)
    redis.call('HSET', acknowledgements, 'hour', hour)
  end
  return redis.call('HINCRBY', acknowledgements, 'to:' .. to, 1) <= per_hour
end

-- Stores its article, of which `key` is the key and `flat` the fields, and sends it; the ticket is saved with it.
local function ticket_acknowledge(ticket, now, outbox, threads, places, key, flat, asked)
  local fields, number, id = record_of(flat), ticket_get(ticket, 'number'), ticket_get(ticket, 'id')
  local count = (ticket_get(ticket, '_article_count') or 0) + 1
  local stored = {}
  for name, piece in pairs(fields) do
    fields[name] = string.gsub(piece, '{{number}}', number)
    stored[#stored + 1] = name
    stored[#stored + 1] = fields[name]
  end
  redis.call('HSET', key, unpack(stored))
  article_place(places, '', '', asked.article, count)
  redis.call('HSETNX', threads, asked.thread, id)
  redis.call('HSETNX', threads, 'sent:' .. asked.thread, asked.article)
  outbox_push(outbox, id, asked.article)
  ticket_set(ticket, '_article_count', json_number(count))
  ticket_set(ticket, 'acknowledged', 'true')
  ticket_save(ticket, 'message.queued', now, 'system', ',"article":' .. record_json(fields))
end
