#!lua flags=allow-oom
-- Gives tickets of format 8 their places in the waiting room and what they take of their agents (format 9). Again it changes
-- nothing.
--
--#keys desk, tickets...: HASH
--#args now: number
-- Returns how many were changed.
--#include ticket.lua
local converted = 0

-- Their load is counted already; what else is counted of it came with this format.
local function count_load(ticket, agent)
  local takes = ticket_takes(ticket)
  free_agents.load(desk.agents, agent, takes, 1)
  redis.call('HINCRBY', desk.agents, agent .. '.load', -takes.weight)
  redis.call('HINCRBY', desk.agents, agent .. '.load:' .. takes.channel, -takes.weight)
  ticket_set(ticket, '_takes', cjson.encode(takes))
end

local function fence_offer(ticket, id)
  local due = ticket_get(ticket, 'offer').expires_at
  ticket_set(ticket, '_offer_count', '1')
  offers_push(desk, 'ticket:' .. id, '{"event":"expired","ticket":' .. json_text(id) .. ',"token":1}', due)
end

for _, key in ipairs(tickets) do
  local ticket = ticket_load(desk, key)
  local id, agent = ticket and ticket_get(ticket, 'id'), ticket and ticket_get(ticket, '_occupies')
  if ticket and ticket.waited and not waiting_room.place(desk, id) then
    ticket.waited = false
    ticket_room(ticket, now)
    converted = converted + 1
  end
  if agent and not ticket.stored._takes then
    count_load(ticket, agent)
    converted = converted + 1
  end
  if ticket and ticket_get(ticket, 'offer') and not ticket.stored._offer_count then fence_offer(ticket, id) end
  if ticket then
    ticket_store(ticket)
    redis.call('HDEL', key, '_any_language', '_relaxed', '_offer_token')
  end
end
return converted
