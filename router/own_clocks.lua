#!lua flags=allow-oom
-- Begins and stops clocks of a ticket by names of the desk's own (own_clocks.py). One that runs is not begun again, and one
-- that was stopped is not stopped again; begun after it was stopped, it begins anew and keeps how often it was met and missed.
--
--#keys ticket: HASH, desk
--#args now: number, actor, plan: json
--   plan: start: {{name, target (ms), given: true where no policy changes it}, …}, stop: {name, …}
-- Returns {OK, how many were begun or stopped}, {MISSING}, {FINISHED, status}, {ABSENT, name}, {FULL, how many there are}.
--#include ticket.lua
local MOST = 20 -- by names of the desk's own, of one ticket

local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
local clocks, status, sla = ticket_get(ticket, 'clocks') or {}, ticket_get(ticket, 'status'), clock_agreed(ticket.stored)

local own = 0
for name in pairs(clocks) do own = own + (clock_kinds[name] and 0 or 1) end
for _, each in ipairs(plan.start) do own = own + (clocks[each.name] and 0 or 1) end
if own > MOST and #plan.start > 0 then return { 'FULL', MOST } end
if is_finished(status) and #plan.start > 0 then return { 'FINISHED', status } end
for _, name in ipairs(plan.stop) do
  if not clocks[name] then return { 'ABSENT', name } end
end

local done = {}
for _, each in ipairs(plan.start) do
  local clock = clocks[each.name]
  if not clock or clock.stopped then
    clocks[each.name] = clock_begin(clock, now, each.target, sla)
    clocks[each.name].given = each.given
    done[#done + 1] = { 'ticket.clock_started', each.name }
  end
end
for _, name in ipairs(plan.stop) do
  if not clocks[name].stopped then
    clock_stop(clocks[name], true, now)
    done[#done + 1] = { 'ticket.clock_stopped', name }
  end
end
if #done == 0 then return { 'OK', 0 } end

ticket_set(ticket, 'clocks', cjson.encode(clocks))
ticket_clocks(ticket, now)
if sla.reckon then ticket_reckon(ticket) end
for place, each in ipairs(done) do
  local changes = ',"changes":{"clock":' .. json_text(each[2]) .. '}'
  if place == #done then ticket_save(ticket, each[1], now, actor, changes) else ticket_line(ticket, each[1], now, actor, changes) end
end
return { 'OK', #done }
