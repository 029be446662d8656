#!lua flags=allow-oom
-- Does one step of an escalation, unless it has been done, or its clock is no longer the one for which it was due.
--
--#keys ticket: HASH, desk, alerts: work_queue
--#args now: number, plan: json
--   plan: revision (that was seen), clock (name), token, step (its key), cause (for the history), following (when the next step is due, or nothing),
--   priority, queue, sla (JSON, with either), reassign, told (names), alerts: {{lane, payload}, …}
-- Returns {OK}, {NOTHING}, {MISSING}, or {CHANGED} when an agreement was found for what the ticket is no more.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
if plan.sla and plan.revision ~= ticket_get(ticket, 'revision') then return { 'CHANGED' } end
local clocks = ticket_get(ticket, 'clocks') or {}
local clock = clocks[plan.clock]
if not clock or clock.token ~= plan.token or clock.stopped or clock.paused_since or ticket_get(ticket, 'merged_into') then
  return { 'NOTHING' }
end
local steps = clock.steps or {}
for _, done in ipairs(steps) do
  if done == plan.step then return { 'NOTHING' } end
end
steps[#steps + 1] = plan.step
clock.steps, clock.step_at = steps, nil
clock_schedule(ticket, plan.clock, clock, plan.following)
ticket_set(ticket, 'clocks', cjson.encode(clocks))

local pieces = { '"step":' .. json_text(plan.step), '"clock":' .. json_text(plan.clock), '"reason":' .. json_text(plan.cause) }
local priority, queue, agent = ticket_get(ticket, 'priority'), ticket_get(ticket, 'queue'), ticket_get(ticket, 'assignee')
local facts = waiting_facts(ticket)
if plan.sla then ticket_set(ticket, '_sla', plan.sla) end
if plan.priority and plan.priority < priority then
  ticket_set(ticket, 'priority', json_number(plan.priority))
  pieces[#pieces + 1] = '"priority":[' .. json_number(priority) .. ',' .. json_number(plan.priority) .. ']'
end
local moves = plan.queue and plan.queue ~= queue
if moves then
  ticket_set(ticket, 'queue', json_text(plan.queue))
  ticket_set(ticket, '_excluded', '{}')
  pieces[#pieces + 1] = '"queue":[' .. json_text(queue) .. ',' .. json_text(plan.queue) .. ']'
end
if moves or plan.reassign and agent then
  if agent then pieces[#pieces + 1] = '"agent":' .. json_text(agent) end
  if agent and not moves then ticket_exclude(ticket, agent, 'released') end
  ticket_unassign(ticket, now)
else
  ticket_wait_anew(ticket, facts)
end
if #plan.told > 0 then pieces[#pieces + 1] = '"told":' .. cjson.encode(plan.told) end
for _, alert in ipairs(plan.alerts) do work_push(alerts, alert[1], alert[2]) end
if #pieces == 3 and #plan.alerts == 0 then -- nothing was left to be done, so nothing is told
  ticket_store(ticket)
  return { 'OK' }
end
ticket_save(ticket, 'ticket.escalated', now, 'router', ',"changes":{' .. table.concat(pieces, ',') .. '}')
return { 'OK' }
