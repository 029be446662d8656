#!lua flags=allow-oom
-- Notes that a rule has done its work with a ticket for a cause (the occasion), lays whom it tells into the queue of
-- alerts, and tells it in the history. Of a trigger the last cause is known; of macros the last `by_hand`, in whatever order
-- their requests come again.
--
--#keys ticket: HASH, desk, alerts: work_queue
--#args now: number, actor, rule, occasion, changes (JSON), told: json, by_hand?: number
--   told: {{lane, payload}, …}
-- Returns {OK, revision}, {ALREADY}, {MISSING}.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
local fired, used = ticket_get(ticket, '_fired') or {}, ticket_get(ticket, '_used') or {}
for _, each in ipairs(by_hand and used or { fired[rule] }) do
  if each == occasion then return { 'ALREADY' } end
end
if by_hand then
  used[#used + 1] = occasion
  if #used > by_hand then table.remove(used, 1) end
  ticket_set(ticket, '_used', cjson.encode(used))
else
  fired[rule] = occasion
  ticket_set(ticket, '_fired', cjson.encode(fired))
end
for _, alert in ipairs(told) do work_push(alerts, alert[1], alert[2]) end
return { 'OK', ticket_save(ticket, 'ticket.rule_applied', now, actor, ',"changes":' .. changes) }
