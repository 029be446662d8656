#!lua flags=allow-oom
-- Merges a ticket into another, which stands for both from now on. Nothing moves; case.lua says what is whose.
--
--#keys ticket: HASH, into: HASH, desk, parts...: HASH (of every ticket that is merged into the first)
--#args now: number, actor, reason, based_on?: number (the revision that was seen), most: number (tickets of one case)
--#args known... (the ids of the parts)
-- Returns {OK}, {SAME}, {MISSING}, {CHANGED, revision now}, {MERGED, id of what stands for it}, {INTO_MERGED, the same of
--       the other}, {CLOSED}, {MANY}, or {CONFLICT} when other tickets are merged into the first than the caller knows.
--#include case_parts.lua
local ticket, into = ticket_load(desk, ticket), ticket_load(desk, into)
if not ticket or not into then return { 'MISSING' } end
local id, target, revision = ticket_get(ticket, 'id'), ticket_get(into, 'id'), ticket_get(ticket, 'revision')
local merged_into = ticket_get(ticket, 'merged_into')
if merged_into and ticket_get(ticket, '_merge').into == target then return { 'SAME' } end
if based_on and based_on ~= revision then return { 'CHANGED', revision } end
if merged_into then return { 'MERGED', merged_into } end
if ticket_get(into, 'merged_into') then return { 'INTO_MERGED', ticket_get(into, 'merged_into') } end
if ticket_get(into, 'status') == 'closed' then return { 'CLOSED' } end
if table.concat(known, ' ') ~= table.concat(ticket_get(ticket, 'merged') or {}, ' ') then return { 'CONFLICT' } end
local merged = ticket_get(into, 'merged') or {}
if #merged + #known + 2 > most then return { 'MANY' } end

-- What each waits for by itself is kept, so that parting gives it back. What is parked or finished waits for nothing.
local answered, was = ticket_get(ticket, '_answered_at'), ticket_get(into, 'status')
local waits = is_active(ticket_get(ticket, 'status')) and ticket_get(ticket, '_customer_waits_since') or nil
local waited = is_active(was) and ticket_get(into, '_customer_waits_since') or nil
local function own_wait(each)
  return waits and time_or_null(case_own_wait(each, answered)) or 'null'
end
if #merged == 0 then ticket_set(into, '_own_wait_since', time_or_null(waited)) end
if #known == 0 then ticket_set(ticket, '_own_wait_since', time_or_null(waits)) end
ticket_set(ticket, '_own_wait_since', own_wait(ticket))

-- Of an answer that did not arrive the case tells from now on.
local missing = ticket_get(into, '_missing_answers') or {}
for article, at in pairs(ticket_get(ticket, '_missing_answers') or {}) do missing[article] = at end
case_missing(into, missing)

local agent, before = ticket_get(ticket, 'assignee'), merged_as(ticket, target, now, actor, reason)
ticket_leave(ticket)
ticket_drop_offer(ticket)
ticket_free(ticket, now)
for name, piece in pairs({ _merge = before, merged_into = json_text(target), merged = '[]', status = '"closed"',
  resolution = '"merged"', assignee = 'null', _customer_waits_since = 'null', _part_preview = 'null',
  goes_on = ticket.stored.goes_on and 'null', settled = ticket.stored.settled and 'null' }) do
  ticket_set(ticket, name, piece)
end
ticket_save(ticket, 'ticket.merged', now, actor, ',"reason":' .. json_text(reason) .. case_other(into))

for i, key in ipairs(parts) do
  local part = ticket_load(desk, key)
  ticket_set(part, '_own_wait_since', own_wait(part))
  case_follows(part, target, now, actor)
end

if waits and not ticket_get(ticket, 'first_response_at') then
  case_owes(into, case_lends((ticket_get(ticket, 'clocks') or {}).first_response, id), now)
end

-- Who waits there waits here now, and whoever works on it goes on if nobody has this one.
ticket_set(into, '_customer_waits_since', time_or_null(earlier(waited, waits)))
if waits and not is_active(was) then
  ticket_status(into, 'open', 'null', now)
  ticket_line(into, 'ticket.status_changed', now, actor, ',"changes":{"status":[' .. json_text(was) .. ',"open"]}')
end
local offer = ticket_get(into, 'offer')
if agent and is_active(ticket_get(into, 'status')) and not ticket_get(into, 'assignee')
  and (offer and offer.agent == agent or agent_room(into, agent)) then
  ticket_assign(into, agent, now)
  ticket_line(into, 'ticket.assigned', now, actor)
end
local after = { unpack(merged) }
after[#after + 1] = id
for _, each in ipairs(known) do after[#after + 1] = each end
case_of_these(into, after, now, actor, ticket)
return { 'OK' }
