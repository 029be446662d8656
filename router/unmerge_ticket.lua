#!lua flags=allow-oom
-- Parts a ticket, with what was merged into it, from the case it is in: it is what it would have been, as far as the time
-- that has passed lets it.
--
--#keys ticket: HASH, case: HASH, desk, others...: HASH (of every other ticket that is merged into the case)
--#args now: number, actor, based_on?: number (the revision that was seen), case_id, known... (the ids of the others)
-- Returns {OK}, {MISSING}, {CHANGED, revision now}, or {CONFLICT} when it is not in this case, or that has other tickets.
--#include case_parts.lua
local ticket, case = ticket_load(desk, ticket), ticket_load(desk, case)
if not ticket or not case then return { 'MISSING' } end
local id, revision = ticket_get(ticket, 'id'), ticket_get(ticket, 'revision')
if based_on and based_on ~= revision then return { 'CHANGED', revision } end
local merged, parts = ticket_get(case, 'merged') or {}, {}
if ticket_get(ticket, 'merged_into') ~= case_id or #merged ~= #known + 1 then return { 'CONFLICT' } end
for i, key in ipairs(others) do
  parts[known[i]] = ticket_load(desk, key)
  if not parts[known[i]] or ticket_get(parts[known[i]], 'merged_into') ~= case_id then return { 'CONFLICT' } end
end

-- It goes with all that was merged into it, and into those.
local goes, found = { [id] = true }, true
while found do
  found = false
  for each, part in pairs(parts) do
    if not goes[each] and goes[ticket_get(part, '_merge').into] then goes[each], found = true, true end
  end
end

local answered, before = ticket_get(case, '_answered_at'), ticket_get(ticket, '_merge')
local its, stays, leaving, waits = {}, {}, { ticket }, case_own_wait(ticket, answered)
local first, left_first -- the first responses that are owed soonest
local left = case_own_wait(case, answered)
for _, each in ipairs(merged) do
  if parts[each] and goes[each] then leaving[#leaving + 1] = parts[each] end
end
local missing, still_missing = case_missing_of(case, leaving)
for _, each in ipairs(merged) do
  local part = parts[each]
  if part and goes[each] then
    its[#its + 1] = each
    local own = case_own_wait(part, answered)
    waits = earlier(waits, own)
    if own and not ticket_get(part, 'first_response_at') then first = case_sooner(first, case_lends(case_own_clock(part), each)) end
    ticket_set(part, '_own_wait_since', time_or_null(own))
    case_follows(part, id, now, actor)
  elseif part then
    stays[#stays + 1] = each
    local own = case_own_wait(part, answered)
    left = earlier(left, own)
    if own and not ticket_get(part, 'first_response_at') then left_first = case_sooner(left_first, case_lends(case_own_clock(part), each)) end
  end
end

ticket_set(ticket, '_own_wait_since', time_or_null(case_own_wait(ticket, answered)))
waits, left = earlier(waits, case_lost_since(missing)), earlier(left, case_lost_since(still_missing))
case_missing(ticket, missing)
case_missing(case, still_missing)
ticket_set(ticket, '_customer_waits_since', time_or_null(waits))
case_owes(ticket, first, now)
ticket_set(ticket, 'merged', ids_json(its))
ticket_set(ticket, 'merged_into', 'null')
ticket_set(ticket, '_merge', 'null')
if answered and answered >= before.at then
  ticket_set(ticket, '_answered_at', json_number(answered))
  if not ticket_get(ticket, 'first_response_at') then ticket_set(ticket, 'first_response_at', json_number(answered)) end
end
ticket_set(ticket, 'assignee', before.assignee and json_text(before.assignee) or 'null')
local status, resolution = before.status, before.resolution and json_text(before.resolution) or 'null'
if waits and not is_active(status) then status, resolution = 'open', 'null' end
ticket_status(ticket, status, resolution, now)
ticket_save(ticket, 'ticket.unmerged', now, actor, case_other(case))

if ticket_get(case, '_customer_waits_since') then ticket_set(case, '_customer_waits_since', time_or_null(left)) end
case_owes(case, left_first, now)
ticket_set(case, '_part_preview', 'null')
local preview = ticket_get(case, '_preview')
if preview and preview.at then ticket_set(case, 'last_message_at', json_number(preview.at)) end
case_of_these(case, stays, now, actor, ticket)
return { 'OK' }
