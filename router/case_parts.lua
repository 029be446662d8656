-- How tickets become one case and part again: what each owes by itself, and what is told of it.

--#include case.lua

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
