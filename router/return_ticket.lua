#!lua flags=allow-oom
-- Gives a ticket back to the room of its queue: declined, missed, withdrawn, or released by the agent who held it.
--
-- KEYS  1..11 see ticket.lua
-- ARGV  1 now, 2 how (declined, missed, withdrawn, released), 3 agent or '' for whoever has it, 4 actor, 5 reason,
--       6 token of the offer or '' for any, 7 missed offers that make an agent away (0: never)
-- Returns {OK, agent}, {NOTHING} when there is nothing to give back any more, {MISSING}, {OFFERED, to whom},
--       {HELD, by whom}.
--#include ../queue/work.lua
--#include ../queue/feed.lua
--#include record.lua
--#include agent_change.lua
--#include ticket.lua
local now, how, agent, actor = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
local ticket = ticket_load()
if not ticket then return { 'MISSING' } end
local offer, assignee = ticket_get(ticket, 'offer'), ticket_get(ticket, 'assignee')
local changes = ',"changes":{"reason":' .. json_text(ARGV[5]) .. '}'

if how == 'released' then
  if not assignee then return { 'NOTHING' } end
  if agent ~= '' and assignee ~= agent then return { 'HELD', assignee } end
  ticket_exclude(ticket, assignee, how)
  if is_active(ticket_get(ticket, 'status')) then
    ticket_return(ticket, now)
  else
    ticket_set(ticket, 'assignee', 'null')
  end
  ticket_save(ticket, 'ticket.released', now, actor, changes)
  return { 'OK', assignee }
end

if not offer or (ARGV[6] ~= '' and ticket_get(ticket, '_offer_token') ~= ARGV[6]) then return { 'NOTHING' } end
if agent ~= '' and offer.agent ~= agent then return { 'OFFERED', offer.agent } end
if how ~= 'withdrawn' then ticket_exclude(ticket, offer.agent, how) end
ticket_return(ticket, now)
ticket_save(ticket, 'ticket.' .. how, now, actor,
  ',"changes":{"agent":' .. json_text(offer.agent) .. ',"reason":' .. json_text(ARGV[5]) .. '}')
if how == 'missed' then
  local missed, limit = redis.call('HINCRBY', KEYS[4], offer.agent .. '.missed', 1), tonumber(ARGV[7])
  if limit > 0 and missed >= limit and agent_get(offer.agent, 'presence') == 'available' then
    agent_presence(offer.agent, 'away', now, 'router')
  end
end
return { 'OK', offer.agent }
