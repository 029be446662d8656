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

-- We have answered by `ticket`, which is saved unless it is the case itself. An answer that was told of late was written
-- at `told`; the customer has written again since, and waits for another one, since `unanswered`, where they have.
local function case_answers(ticket, case, now, told, unanswered)
  local waits = ticket_get(case, '_customer_waits_since')
  if not unanswered then
    ticket_set(case, '_customer_waits_since', 'null')
  elseif waits and waits < unanswered then
    ticket_set(case, '_customer_waits_since', json_number(unanswered))
  end
  local answered = unanswered and math.min(now, unanswered - 1) or now
  ticket_set(case, '_answered_at', json_number(math.max(ticket_get(case, '_answered_at') or 0, answered)))
  for _, each in ipairs({ ticket, case }) do
    if not ticket_get(each, 'first_response_at') then
      local arrived = math.min(now, ticket_get(each, '_arrived_at') or 0)
      ticket_set(each, 'first_response_at', json_number(math.max(arrived, told or now)))
    end
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
