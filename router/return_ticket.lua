#!lua flags=allow-oom
-- Gives a ticket back to the room of its queue: declined, missed, withdrawn, or released by the agent who held it.
--
--#keys ticket: HASH, desk
--#args now: number, how (declined, missed, withdrawn, released), agent? (none: whoever has it), actor, reason
--#args token? (of the offer; none: any), limit: number (missed offers that make an agent away; 0: never)
-- Returns {OK, agent}, {NOTHING} when there is nothing to give back any more, {MISSING}, {OFFERED, to whom},
--       {HELD, by whom}.
--#include agent_change.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
local offer, assignee = ticket_get(ticket, 'offer'), ticket_get(ticket, 'assignee')
local changes = ',"changes":{"reason":' .. json_text(reason) .. '}'

if how == 'released' then
  if not assignee then return { 'NOTHING' } end
  if agent ~= '' and assignee ~= agent then return { 'HELD', assignee } end
  ticket_exclude(ticket, assignee, how)
  ticket_unassign(ticket, now)
  ticket_save(ticket, 'ticket.released', now, actor, changes)
  return { 'OK', assignee }
end

if not offer or (token ~= '' and ticket.stored._offer_count ~= token) then return { 'NOTHING' } end
if agent ~= '' and offer.agent ~= agent then return { 'OFFERED', offer.agent } end
if how ~= 'withdrawn' then ticket_exclude(ticket, offer.agent, how) end
ticket_unassign(ticket, now)
ticket_save(ticket, 'ticket.' .. how, now, actor,
  ',"changes":{"agent":' .. json_text(offer.agent) .. ',"reason":' .. json_text(reason) .. '}')
if how == 'missed' then
  local missed = redis.call('HINCRBY', desk.agents, offer.agent .. '.missed', 1)
  if limit > 0 and missed >= limit and agent_get(desk, offer.agent, 'presence') == 'available' then
    agent_presence(desk, offer.agent, 'away', now, 'router', 'missed an offer')
    agent_event(desk, offer.agent, 'gone')
  end
end
return { 'OK', offer.agent }
