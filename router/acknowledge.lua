-- The acknowledgement of a ticket, in the step that decides on it.
--
--#include ticket.lua
--#include article.lua
--#include outbox.lua
--#include windows.lua

--#group acknowledgements
--#keys hour: HASH (how many, by digests of addresses), day: HASH (the same, of those to unproven ones)
--#keys recent: ZSET (digests of addresses and domains, and when they last got one)
local may_acknowledge
do
  local FEW = 5 -- people known of a domain; where there are more, one of them says nothing of another

  -- Whether somebody got one just now who may be answering it.
  local function is_again(recent, directory, limits, now)
    redis.call('ZREMRANGEBYSCORE', recent, '-inf', now - limits.again_after)
    if redis.call('ZSCORE', recent, limits.person) then return true end
    local last = limits.known and redis.call('ZSCORE', recent, limits.domain)
    if not last or last + limits.at_once <= now then return false end
    return redis.call('ZLEXCOUNT', directory, '[' .. limits.known, '[' .. limits.known .. '\255') <= FEW
  end

  -- Whether one may be sent, which then counts.
  function may_acknowledge(acknowledgements, directory, limits, now)
    if limits.domain and is_again(acknowledgements.recent, directory, limits, now) then return false end
    for _, each in ipairs(limits.counts) do
      if window_count(acknowledgements.day, DAY, each[1], now) >= each[2] then return false end
    end
    if window_count(acknowledgements.hour, HOUR, limits.address, now) >= limits.per_hour then return false end
    for _, each in ipairs(limits.counts) do window_add(acknowledgements.day, DAY, each[1], now) end
    window_add(acknowledgements.hour, HOUR, limits.address, now)
    if limits.domain then redis.call('ZADD', acknowledgements.recent, now, limits.person, now, limits.domain) end
    return true
  end
end

-- Stores its article, of which `key` is the key and `flat` the fields, and sends it; the ticket is saved with it. What a
-- rule answers, the `actor` of what is asked, goes the same way.
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
  if not asked.actor then ticket_set(ticket, 'acknowledged', 'true') end
  ticket_save(ticket, 'message.queued', now, asked.actor or 'system', ',"article":' .. record_json(fields))
end
