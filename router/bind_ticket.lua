-- A ticket gets its agent, as an offer or for good, with a record of what was seen (records.py, Decision).
--
--#group offered_ticket
--#keys ticket: HASH, decisions: LIST
--#include find_agent.lua
--#include seen.lua
local OFFER_MS = 300000

local function bind_times(ticket)
  local queue, channel = ticket_settings(ticket)
  return queue.auto_accept, queue.offer_ms or channel.offer_ms or OFFER_MS
end

-- What the ticket wants and the agent lacks.
local function lacking_json(ticket, view)
  local lacking = {}
  for token in string.gmatch((ticket_tokens(ticket, {})), '[^,]+') do
    if not free_agents.has(view, token) then lacking[#lacking + 1] = json_text(token) end
  end
  return #lacking > 0 and ',"lacking":[' .. table.concat(lacking, ',') .. ']' or ''
end

-- A waiting ticket comes to this event then.
local function ticket_asks_later(desk, id, event, due)
  offers_push(desk, 'ticket:' .. id,
    '{"event":"' .. event .. '","ticket":' .. json_text(id) .. ',"at":' .. json_number(due) .. '}', due)
end

-- When it does without what it only wishes for: second-choice agents one token after another, everybody once it is
-- late by as long as it was promised in.
local function time_wishes(desk, id, place, now)
  local function later(event, due)
    if due > now then ticket_asks_later(desk, id, event, due) end
  end
  for _, each in ipairs(place.optional) do later('overflow', place.arrived + each.after) end
  if place.optional[1] then later('overdue', place.due + place.target) end
end

-- Somebody looks at a ticket that has not been here before: what comes is counted, and at its time it may do without a wish.
local function begin(desk, id, place, now)
  if not place.fresh then return end
  place.fresh = nil
  rates_arrival(desk.room.rates, place, now)
  time_wishes(desk, id, place, now)
end

-- `place`: where it waited; it takes what it fitted by, whatever the configuration says by now of its channel. `seen`: what the
-- choice was made from, as pieces of JSON with a comma before each; `cause`: the event, in words.
local function bind(ticket, place, view, decisions, seen, cause, now)
  local desk, id = ticket.desk, ticket_get(ticket, 'id')
  local accepts, offer_ms = bind_times(ticket)
  local takes = { channel = place.channel, weight = place.weight, patient = place.patient, exclusive = place.exclusive }
  ticket.takes = takes
  local weight, load = takes.weight, takes.patient and view.load or view.live
  redis.call('RPUSH', decisions, '{"kind":"offer","at":' .. json_number(now) .. ',"agent":' .. json_text(view.id)
    .. ',"ticket":' .. ticket.stored.id .. ',"config":' .. json_text(redis.call('HGET', desk.staff.routing, 'version') or '')
    .. ',"cause":' .. json_text(cause) .. ',"channel":' .. ticket.stored.channel .. ',"weight":' .. json_number(weight)
    .. ',"load_before":' .. json_number(load) .. ',"load_after":' .. json_number(load + weight)
    .. ',"capacity":' .. json_number(view.capacity) .. lacking_json(ticket, view) .. seen .. '}')
  redis.call('LTRIM', decisions, -50, -1)
  rates_add(desk.room.rates, { 'starts' }, now)
  if accepts then
    ticket_assign(ticket, view.id, now)
    ticket_save(ticket, 'ticket.assigned', now, 'router')
    return
  end
  local token = (ticket_get(ticket, '_offer_count') or 0) + 1
  ticket_leave(ticket)
  ticket_occupy(ticket, view.id, now)
  ticket_set(ticket, 'offer', '{"agent":' .. json_text(view.id) .. ',"expires_at":' .. json_number(now + offer_ms) .. '}')
  ticket_set(ticket, '_offer_count', json_number(token))
  ticket_save(ticket, 'ticket.offered', now, 'router')
  offers_push(desk, 'ticket:' .. id, '{"event":"expired","ticket":' .. json_text(id) .. ',"token":' .. json_number(token) .. '}',
    now + offer_ms)
end

local function agent_json(seen)
  return string.format('{"agent":%s,"slowness":%d,"price":%d,"idle_since":%d,"load":%d,"capacity":%d}', json_text(seen.agent),
    seen.slowness, seen.price, seen.idle_since, seen.view.load, seen.view.capacity)
end

local function seen_agents(way, found)
  return ',"way":"' .. way .. '"' .. seen_list('agents', found.agents, agent_json)
    .. (next(found.passed_over) and ',"others":' .. cjson.encode(found.passed_over) or '')
end
