#!lua flags=allow-oom
-- An agent accepts the offer of a ticket, or takes one that nobody was offered.
--
-- KEYS  1..11 see ticket.lua
-- ARGV  1 now, 2 agent, 3 actor, 4 may take (1: eligible for the queue), 5 force (1: beyond capacity, by hand)
-- Returns {OK}, {SAME}, {MISSING}, {FINISHED, status}, {OFFERED, to whom}, {HELD, by whom}, {FULL}, {INELIGIBLE}.
--#include ../queue/work.lua
--#include ../queue/feed.lua
--#include record.lua
--#include ticket.lua
local now, agent, actor = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local ticket = ticket_load()
if not ticket then return { 'MISSING' } end
local status, offer, assignee = ticket_get(ticket, 'status'), ticket_get(ticket, 'offer'), ticket_get(ticket, 'assignee')
if assignee == agent then return { 'SAME' } end
if status == 'closed' or status == 'solved' then return { 'FINISHED', status } end
if assignee then return { 'HELD', assignee } end
if offer and offer.agent ~= agent then return { 'OFFERED', offer.agent } end

if not offer then
  if ARGV[4] ~= '1' then return { 'INELIGIBLE' } end
  if is_active(status) then
    local room = agent_room(agent, ticket_get(ticket, 'channel'), ticket_get(ticket, '_weight'))
    if not room and ARGV[5] ~= '1' then return { 'FULL' } end
    ticket_leave(ticket)
    ticket_charge(ticket, agent)
  end
end
ticket_drop_offer(ticket)
ticket_set(ticket, 'assignee', json_text(agent))
ticket_set(ticket, '_excluded', '{}')
redis.call('HSET', KEYS[4], agent .. '.missed', 0)
if status == 'new' then ticket_set(ticket, 'status', '"open"') end
ticket_save(ticket, 'ticket.assigned', now, actor)
return { 'OK' }
