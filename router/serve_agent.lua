#!lua flags=allow-oom
-- Somebody may have room: offers them the ticket whose turn it is, and says which is next.
--
-- Whose turn it is turns out within, and the keys of that ticket must be named by the caller; so the first call names none
-- and hears of the ticket, and the second decides anew and offers it if it is still the same.
--
--#keys desk, settling: work_settling (of the offers), chosen?: offered_ticket
--#args now: number, agent, cause, named? (the ticket whose keys these are)
--#args lane? (of the event, completed with the last), token?, sequence?: number, release: flag
-- Returns {NEXT, ticket}, {OFFERED, ticket that is next}, {DONE, 1 when something was offered} or {STALE}.
--#include find_ticket.lua
if lane ~= '' and not work_holds(desk.offers, lane, token) then return { 'STALE' } end
local view = free_agents.view(desk.agents, agent)
local head, seen = find_ticket(desk, view, now)
local offered = 0
if head and head.ticket == named then
  bind(ticket_load(desk, chosen.ticket), view, chosen.decisions, seen, cause, now)
  offered = 1
  head = find_ticket(desk, free_agents.view(desk.agents, agent), now)
end
if head then return { offered == 1 and 'OFFERED' or 'NEXT', head.ticket } end
if lane ~= '' then work_finish(desk.offers, settling, lane, sequence, release) end
return { 'DONE', offered }
