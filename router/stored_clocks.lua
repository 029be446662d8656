#!lua flags=allow-oom
-- Gives tickets of format 6 their clocks: what was promised by `_due` and `_target_ms` is promised by these. One that has
-- an agreement has been converted, so again it changes nothing.
--
--#keys desk, tickets...: HASH
-- Returns how many were converted.
--#include ticket.lua
-- Where the index had it by the format before.
local function promised_before(fields, queue)
  local wanted, answered = json_value(fields._unassigned_since), json_value(fields.first_response_at)
  local since, due = wanted or answered and json_value(fields._customer_waits_since), json_value(fields._due)
  local target = json_value(fields._target_ms) or due - json_value(fields._arrived_at)
  if wanted then due = math.max(due, wanted + target) elseif answered then due = (since or 0) + target end
  return 'risk:' .. queue .. ticket_time(due - target / 4), 'due:' .. queue .. ticket_time(due)
end

local converted = 0
for _, key in ipairs(tickets) do
  local ticket = ticket_load(desk, key)
  if ticket and ticket.stored._due and not ticket.stored._sla then
    local fields, queue, tail = ticket.stored, ticket_get(ticket, 'queue'), '|' .. ticket_get(ticket, 'id')
    local risk, due = promised_before(fields, queue)
    redis.call('ZREM', desk.index, risk .. tail, due .. tail)
    if not ticket_get(ticket, '_target_ms') then
      ticket_set(ticket, '_target_ms', json_number(ticket_get(ticket, '_due') - ticket_get(ticket, '_arrived_at')))
    end
    local status, since = ticket_get(ticket, 'status'), ticket_get(ticket, '_due') - ticket_get(ticket, '_target_ms')
    ticket_set(ticket, '_sla', cjson.encode(clock_agreed(fields)))
    local clocks = {}
    if not is_finished(status) and not ticket_get(ticket, 'first_response_at') then
      clocks.first_response = clock_begin(nil, since, ticket_get(ticket, '_target_ms'), clock_agreed(fields))
    end
    ticket_set(ticket, 'clocks', cjson.encode(clocks))
    ticket_clocks(ticket, ticket_get(ticket, 'updated_at'))
    ticket_index(ticket)
    ticket_store(ticket)
    redis.call('HDEL', key, '_own_due')
    converted = converted + 1
  end
end
return converted
