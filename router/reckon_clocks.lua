#!lua flags=allow-oom
-- Writes down until when clocks run by their calendar, where they are still those that were reckoned, and what is agreed
-- for the ticket where that has changed. What is not new is not told.
--
--#keys ticket: HASH, desk
--#args now: number, plan: json
--   plan: revision (that was seen), sla (JSON, or nothing), clocks: {name: {token, target, due, risk, calendar, policy, step_at, pauses and rested (where some were folded)}}, reason (for the history, or nothing)
-- Returns {OK}, {NOTHING}, {MISSING}, or {CHANGED} when an agreement was found for what the ticket is no more.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
if plan.sla and plan.revision ~= ticket_get(ticket, 'revision') then return { 'CHANGED' } end
local clocks, before = ticket_get(ticket, 'clocks') or {}, clocks_urgent(ticket_get(ticket, 'clocks') or {})
local moved, noted = false, false

local function reckoned(name, clock, given)
  local stopped = clock.stopped ~= nil
  moved = moved or clock.due ~= given.due or clock.risk ~= given.risk or clock.target ~= given.target
  if stopped then clock_judge(clock, -1) end
  for _, field in ipairs({ 'target', 'due', 'risk', 'calendar', 'policy' }) do clock[field] = given[field] end
  if given.pauses then clock.pauses, clock.rested = given.pauses, given.rested end
  clock.reckoned = true
  clock_schedule(ticket, name, clock, given.step_at)
  if stopped then clock_judge(clock) end
  noted = true
end

for name, given in pairs(plan.clocks) do
  local clock = clocks[name]
  if clock and (clock.token or 0) == given.token then reckoned(name, clock, given) end
end
if plan.sla and plan.sla ~= ticket.stored._sla then
  ticket_set(ticket, '_sla', plan.sla)
  noted = true
end
if not noted then return { 'NOTHING' } end
ticket_set(ticket, 'clocks', cjson.encode(clocks))
ticket_clocks(ticket, now)
ticket_note_absence(ticket)
local after = clocks_urgent(ticket_get(ticket, 'clocks') or {})
if moved and not ticket_get(ticket, 'merged_into') then
  local was, due = before and json_number(before.due) or 'null', after and json_number(after.due) or 'null'
  local changes = ',"changes":{"due":[' .. was .. ',' .. due .. ']' .. (plan.reason and ',"reason":' .. json_text(plan.reason) or '') .. '}'
  ticket_line(ticket, plan.reason and 'ticket.promised' or 'clock.reckoned', now, 'router', changes)
end
ticket_room(ticket, now)
ticket_index(ticket)
ticket_store(ticket)
return { 'OK' }
