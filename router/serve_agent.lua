#!lua flags=allow-oom
-- Somebody may have room: offers them the ticket whose turn it is, and says which is next.
--
-- Whose turn it is turns out within, and the keys of that ticket must be named by the caller; so the first call names none
-- and hears of the ticket, and the second offers it. The choice stands for as long as nothing has happened to the agent or to
-- the ticket since: both are known again by their seal; what is not sealed is what each channel may take of the agent, so it
-- is asked again whether the ticket fits. If anything has, the choice is made anew, and the ticket is offered if it is still
-- the same.
--
--#keys desk, settling: work_settling (of the offers), chosen?: offered_ticket
--#args now: number, agent, cause, named? (the ticket whose keys these are), seen?, seal? (of its choice, as they were answered)
--#args lane? (of the event, completed with the last), token?, sequence?: number, release: flag
-- Returns {NEXT, ticket, seen, seal}, {OFFERED, the same of the ticket that is next}, {DONE, 1 when something was offered} or
-- {STALE}.
--#include ../queue/work.lua
--#include find_ticket.lua
if lane ~= '' and not work_holds(desk.offers, lane, token) then return { 'STALE' } end
local view, offered = free_agents.view(desk.agents, agent), 0

local function seal_of(id)
  return redis.sha1hex(table.concat(view.stored, '|') .. (redis.call('HGET', desk.room.places, id) or ''))
end

local function choose()
  local head, json = find_ticket(desk, view, now)
  return head and head.ticket, json
end

local place = named ~= '' and waiting_room.place(desk, named)
local stands = place and free_agents.offerable(view, now) and seal_of(named) == seal and free_agents.fits(view, place)
local ticket = named
if not stands then ticket, seen = choose() end
if ticket and ticket == named then
  --#include bind_ticket.lua
  if not stands then place = waiting_room.place(desk, named) end
  begin(desk, named, place, now)
  bind(ticket_load(desk, chosen.ticket), place, view, chosen.decisions, seen, cause, now)
  offered, view = 1, free_agents.view(desk.agents, agent)
  ticket, seen = choose()
end
if ticket then return { offered == 1 and 'OFFERED' or 'NEXT', ticket, seen, seal_of(ticket) } end
if lane ~= '' then work_finish(desk.offers, settling, lane, sequence, release) end
return { 'DONE', offered }
