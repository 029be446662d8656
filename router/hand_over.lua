#!lua flags=allow-oom
-- Gives a ticket whose agent is offline back to the room of its queue, when it is time; otherwise the queue of events says
-- when to look again. Whoever is no longer in the configuration holds nothing, whatever the policy.
--
-- It waits by the due that it had, and its last agent is preferred if they come back. Not only time decides: what changes
-- about the ticket meanwhile lets it be looked at anew (ticket_note_absence in ticket.lua).
--
--#keys ticket: HASH, desk
--#args now: number, agent, queue (by which the policy was chosen), policy, after: number (ms), live: flag
--#args asked_for?: number (when this look was to be; a process whose clock is behind can come too early)
-- Returns {OK}, {NOTHING} when they do not hold it or are there, {KEPT}, {LATER, when}, {MOVED, queue}.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket or ticket_get(ticket, 'assignee') ~= agent then return { 'NOTHING' } end
local status, removed = ticket_get(ticket, 'status'), agent_get(desk, agent, 'removed') == '1'
if is_finished(status) or not removed and not is_active(status) then return { 'NOTHING' } end
if ticket_get(ticket, 'queue') ~= queue then return { 'MOVED', ticket_get(ticket, 'queue') } end

local function risk()
  return ticket.dimensions.risk and tonumber(string.sub(ticket.dimensions.risk, -16))
end

-- When it is to be handed over, and why; nil for not as things are.
local function time()
  local absent = math.max(tonumber(agent_get(desk, agent, 'presence_since') or 0), ticket_get(ticket, '_held_since') or 0) + after
  if policy == 'hand_over' then return absent, 'is offline' end
  if policy == 'on_message' and ticket_get(ticket, '_customer_waits_since') then
    return absent, 'is offline, and the customer waits for an answer'
  end
  if policy == 'at_risk' and risk() then return math.max(absent, risk()), 'is offline, and time runs short' end
end

local due, why = now, 'is no longer in the configuration'
if not removed then
  if agent_get(desk, agent, 'presence') ~= 'offline' then return { 'NOTHING' } end
  due, why = time()
end
if not due then return { 'KEPT' } end
if due > now then
  local look = string.format('%s %s %.0f', agent, agent_get(desk, agent, 'absence') or '0', due)
  if ticket_get(ticket, '_hand_over_looked_at') ~= look or asked_for == due then
    redis.call('HSET', ticket.key, '_hand_over_looked_at', json_text(look))
    offers_push(desk, 'agent:' .. agent,
      '{"event":"held","ticket":' .. ticket.stored.id .. ',"agent":' .. json_text(agent) .. ',"at":' .. json_number(due) .. '}', due)
  end
  return { 'LATER', due }
end

if not removed then ticket_set(ticket, '_previous_agent', json_text(agent)) end
if is_active(status) then
  ticket_unassign(ticket, now)
else
  ticket_set(ticket, 'assignee', 'null')
end
ticket_save(ticket, 'ticket.handed_over', now, 'router',
  ',"changes":{"agent":' .. json_text(agent) .. ',"reason":' .. json_text(why) .. '}')
if live then offers_push(desk, 'ticket:' .. ticket_get(ticket, 'id'),
  '{"event":"handed_over","ticket":' .. ticket.stored.id .. ',"agent":' .. json_text(agent) .. ',"revision":' .. ticket.stored.revision .. '}') end
return { 'OK' }
