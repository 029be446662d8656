#!lua flags=allow-oom
-- Notes that a rule has done its work with a ticket for a cause (the occasion), lays whom it tells into the queue of
-- alerts, and tells it in the history.
--
--#keys ticket: HASH, desk, alerts: work_queue
--#args now: number, actor, rule, occasion, changes (JSON), told: json
--   told: {{lane, payload}, …}
-- Returns {OK, revision}, {ALREADY}, {MISSING}.
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return { 'MISSING' } end
local fired = ticket_get(ticket, '_fired') or {}
if fired[rule] == occasion then return { 'ALREADY' } end
fired[rule] = occasion
ticket_set(ticket, '_fired', cjson.encode(fired))
for _, alert in ipairs(told) do work_push(alerts, alert[1], alert[2]) end
return { 'OK', ticket_save(ticket, 'ticket.rule_applied', now, actor, ',"changes":' .. changes) }
