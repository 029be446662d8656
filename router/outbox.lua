-- Messages on their way out.
--
--#group outbox
--#keys queue: work_queue, unsent: ZSET (score 0; <ticket id>|<sequence, 16 digits>; what has not left yet, in order)
--#include ../queue/work.lua
--#include record.lua

local function outbox_member(ticket, sequence)
  return ticket .. '|' .. string.format('%016d', sequence)
end

local function outbox_push(outbox, ticket, article)
  local sequence = work_push(outbox.queue, 'ticket:' .. ticket,
    '{"article":' .. json_text(article) .. ',"ticket":' .. json_text(ticket) .. '}')
  redis.call('ZADD', outbox.unsent, 0, outbox_member(ticket, sequence))
end
