-- A case: the ticket that stands for others, and those that are merged into it (docs/decisions/0019-merged-tickets.md).
--
-- Each ticket keeps its articles, keys, participants and the address that it is answered at. Status, agent, queue, clocks
-- and the lines of the feed about what is said are those of the one that stands for all. `merged_into` names that one, and
-- its `merged` names the others; `_merge.into` of each is the ticket that was chosen, so they are a tree.

--#include ticket.lua

-- The ticket that stands for this one, or nil when it is not the one that the caller took it for.
local function case_of(ticket, id, key)
  if (ticket_get(ticket, 'merged_into') or ticket_get(ticket, 'id')) ~= id then return nil end
  return ticket_get(ticket, 'id') == id and ticket or ticket_load(ticket.desk, key)
end

local function case_is_alone(case)
  return #(ticket_get(case, 'merged') or {}) == 0
end

-- Since when this ticket alone waits for an answer; an answer by any ticket of the case is one.
local function case_own_wait(ticket, answered)
  local since = ticket_get(ticket, '_own_wait_since')
  return since and since > (answered or 0) and since or nil
end

local function earlier(a, b)
  return a and b and math.min(a, b) or a or b
end

local function time_or_null(ms)
  return ms and json_number(ms) or 'null'
end

-- The first response that this ticket owes by itself, as a clock.
local function case_own_clock(ticket)
  return ticket_get(ticket, '_own_clock') or (ticket_get(ticket, 'clocks') or {}).first_response
end

-- Of two first responses the one that is owed sooner.
local function case_sooner(one, other)
  if not other or other.stopped then return one end
  return (not one or one.stopped or other.due < one.due) and other or one
end

-- A case owes the first response that the first of its tickets owes, `clock`; its own it keeps.
local function case_owes(case, clock, now)
  local clocks, own = ticket_get(case, 'clocks') or {}, case_own_clock(case)
  local taken = own and not own.stopped and case_sooner(own, clock) == clock
  if taken and own.paused_since then clock_resume(own, now) end
  ticket_set(case, '_own_clock', taken and cjson.encode(own) or 'null')
  clocks.first_response = taken and clock or own
  ticket_set(case, 'clocks', cjson.encode(clocks))
end

-- The same clock, as one that a ticket owes for another.
local function case_lends(clock, id)
  if clock then clock.of = clock.of or id end
  return clock
end

-- Somebody has written by `ticket`, which is saved unless it is the case itself.
local function case_hears(ticket, case, now, wakes, woken)
  if wakes and (woken or not ticket_get(case, '_customer_waits_since')) then
    ticket_set(case, '_customer_waits_since', json_number(now))
  end
  local answered = ticket_get(case, '_answered_at')
  if wakes and not (ticket == case and case_is_alone(case)) and not case_own_wait(ticket, answered) then
    ticket_set(ticket, '_own_wait_since', json_number(math.max(now, (answered or 0) + 1)))
  end
  if ticket == case then return end
  ticket_set(case, 'last_message_at', json_number(now))
  ticket_set(case, '_part_preview', ticket.stored._preview or 'null')
  ticket_store(ticket)
end

-- We have answered by `ticket`, which is saved unless it is the case itself.
local function case_answers(ticket, case, now)
  ticket_set(case, '_customer_waits_since', 'null')
  ticket_set(case, '_answered_at', json_number(now))
  for _, each in ipairs({ ticket, case }) do
    if not ticket_get(each, 'first_response_at') then ticket_set(each, 'first_response_at', json_number(now)) end
  end
end

-- Answers that did not arrive, or perhaps did not, by article, until one that was written later does or somebody decides.
-- Either is stored by the caller, for the ticket of the answer and for the case.
local function case_missing(ticket, missing)
  ticket_set(ticket, '_missing_answers', next(missing) and cjson.encode(missing) or '{}')
  if (ticket_get(ticket, 'undelivered') or false) ~= (next(missing) ~= nil) then
    ticket_set(ticket, 'undelivered', tostring(next(missing) ~= nil))
  end
end

-- Since when the first of these answers is known to be missing.
local function case_lost_since(missing)
  local first
  for _, at in pairs(missing) do first = earlier(first, at) end
  return first
end

-- Of what the case misses that which is missed by these tickets goes with them; returns it, and what stays.
local function case_missing_of(case, tickets)
  local goes, stays = {}, {}
  for article, at in pairs(ticket_get(case, '_missing_answers') or {}) do
    local theirs = false
    for _, each in ipairs(tickets) do theirs = theirs or (ticket_get(each, '_missing_answers') or {})[article] ~= nil end
    if theirs then goes[article] = at else stays[article] = at end
  end
  return goes, stays
end

-- The customer waits as if there were no answer: since now, unless they wrote before.
local function case_misses(ticket, case, article, now)
  for _, each in ipairs({ ticket, case }) do
    local missing = ticket_get(each, '_missing_answers') or {}
    missing[article] = now
    case_missing(each, missing)
  end
  if not ticket_get(case, '_customer_waits_since') then ticket_set(case, '_customer_waits_since', json_number(now)) end
end

-- These articles arrived after all, or need not any more; settled are with them those that went missing before `written`.
local function case_reaches(ticket, case, articles, written)
  local waits = ticket_get(case, '_customer_waits_since')
  for _, each in ipairs({ ticket, case }) do
    local left, first, waited = {}, nil, false
    for article, at in pairs(ticket_get(each, '_missing_answers') or {}) do
      if articles[article] or at <= written then
        waited = waited or at == waits
      else
        left[article], first = at, earlier(first, at)
      end
    end
    case_missing(each, left)
    if each == case and waited then ticket_set(case, '_customer_waits_since', time_or_null(first)) end
  end
end

-- The ticket is somebody's again because an answer did not arrive: its agent's, or its queue's when they are not there. Of
-- a closed one only the lists tell. Returns the kind of the line that says so, and what else stands in it.
local function case_wakes_for_answer(case, now)
  local was, agent, why = ticket_get(case, 'status'), ticket_get(case, 'assignee'), '"reason":"an answer did not arrive"}'
  if not is_active(was) and was ~= 'closed' then
    ticket_status(case, 'open', 'null', now)
    return was == 'solved' and 'ticket.reopened' or 'ticket.status_changed',
      ',"changes":{"status":[' .. json_text(was) .. ',"open"],' .. why
  end
  if not is_active(was) or not agent or (agent_get(case.desk, agent, 'presence') or 'offline') ~= 'offline' then
    return 'ticket.undelivered', ',"changes":{' .. why
  end
  ticket_set(case, '_previous_agent', json_text(agent))
  ticket_unassign(case, now)
  return 'ticket.undelivered', ',"changes":{"agent":' .. json_text(agent) .. ',' .. why
end

-- A list stays a list when it is empty.
local function ids_json(ids)
  return #ids == 0 and '[]' or cjson.encode(ids)
end

-- How a ticket is merged and what it was before, as private_fields.py has it.
local function merged_as(ticket, into, now, actor, reason)
  local fields = ticket.stored
  return '{"into":' .. json_text(into) .. ',"at":' .. json_number(now) .. ',"by":' .. json_text(actor)
    .. ',"reason":' .. json_text(reason) .. ',"status":' .. fields.status .. ',"resolution":' .. (fields.resolution or 'null')
    .. ',"assignee":' .. (fields.assignee or 'null') .. '}'
end

-- What a line of the feed says of the other ticket.
local function case_other(other)
  return ',"other":{"id":' .. other.stored.id .. ',"number":' .. other.stored.number .. '}'
end

-- A ticket that is merged stays where it was merged, and another one stands for it.
local function case_follows(part, id, now, actor)
  local was = part.stored.merged_into
  ticket_set(part, 'merged_into', json_text(id))
  ticket_save(part, 'ticket.updated', now, actor, ',"changes":{"merged_into":[' .. was .. ',' .. json_text(id) .. ']}')
end

-- It stands for these from now on, because of what happened to `other`.
local function case_of_these(case, ids, now, actor, other)
  local was = case.stored.merged or '[]'
  ticket_set(case, 'merged', ids_json(ids))
  ticket_save(case, 'ticket.updated', now, actor,
    ',"changes":{"merged":[' .. was .. ',' .. ids_json(ids) .. ']}' .. case_other(other))
end
