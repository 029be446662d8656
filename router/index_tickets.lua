#!lua flags=allow-oom
-- Enters tickets of an older format into the index by when they were solved, by their answers that did not arrive, and by
-- when their channel's window for free answers shuts. Again it changes nothing.
--
--#keys desk, tickets...: HASH
--#args missing... (of each ticket, in step: its answers that did not arrive, by article and time, as JSON; '' for none)
-- Returns how many were entered.
--#include ticket.lua
local entered = 0
for i, key in ipairs(tickets) do
  local ticket = ticket_load(desk, key)
  if ticket and ticket_get(ticket, 'status') == 'solved' and not ticket_get(ticket, '_solved_at') then
    ticket_set(ticket, '_solved_at', ticket.stored.updated_at)
  end
  if ticket and missing[i] ~= '' and not ticket_get(ticket, '_missing_answers') then
    ticket_set(ticket, '_missing_answers', missing[i])
  end
  if ticket then
    local dimensions = ticket_dimensions(ticket.stored)
    for _, name in ipairs({ 'solved', 'undelivered', 'undelivered_in', 'window' }) do
      if dimensions[name] then
        entered = entered + redis.call('ZADD', desk.index, 0, dimensions[name] .. '|' .. ticket_get(ticket, 'id'))
      end
    end
    ticket_store(ticket)
  end
end
return entered
