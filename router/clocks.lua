-- Clocks: what a ticket owes, each with since when, how soon and until when (docs/clocks.md). Functions on tables alone.
--
-- A clock is a table: began, target (ms), due, risk (from when on it is at risk), token (rises whenever due must be
-- reckoned anew), paused_since with reason, pauses (pairs of from and to), rested (ms, in those before them), stopped, ended (stopped without what was owed),
-- met and missed (how often), missed_by (ms, of the last), of (the ticket whose it is, in a case), given (its target is its own:
-- no policy changes it), calendar, policy, steps and step_at (of its escalation: those that are done, and when the next is due). Which
-- clocks run is read from the other fields of the ticket, so a script that changes these need not know of clocks. `_sla` is
-- what was agreed for the ticket (private_fields.py, Agreement). Until a calendar has been asked, due is counted by the wall.
--
--#names clock_kinds: first_response, next_response, resolution, assignment

local clock_agreed, clock_begin, clock_resume, clock_judge, clock_stop, clocks_follow
do
  local MOST_PAUSES = 30 -- where a calendar counts, the handler folds those before them; should it not, the wall does at twice as many
  local PARKED = { 'pending', 'on_hold' }
  local FROM_ANEW = { next_response = true, assignment = true } -- the others go on where they stopped

  -- What was agreed; a ticket that was made by hand in a test has nothing but how soon.
  function clock_agreed(fields)
    local sla = json_value(fields._sla)
    if sla then return sla end
    local soon = json_value(fields._target_ms)
    return { targets = { first_response = soon, next_response = soon, assignment = soon } }
  end

  -- Since when each kind is owed by what the fields say; nil where it is not.
  local function clocks_owed(fields, status)
    if is_finished(status) then return {} end
    local arrived, answered = json_value(fields._arrived_at), json_value(fields.first_response_at)
    return {
      first_response = not answered and arrived or nil,
      next_response = answered and json_value(fields._customer_waits_since),
      resolution = arrived,
      assignment = json_value(fields._unassigned_since),
    }
  end

  -- Whether what was owed was given, where it is owed no more; another clock of the desk's own is met when it is stopped.
  local function clock_is_kept(kind, fields, status)
    if kind == 'first_response' then return json_value(fields.first_response_at) ~= nil end
    if kind == 'next_response' then return json_value(fields._customer_waits_since) == nil end
    if kind == 'assignment' then return json_value(fields.assignee) ~= nil end
    return kind == 'resolution' and is_finished(status)
  end

  local function clock_reckon(clock)
    local paused = clock.rested or 0
    for _, span in ipairs(clock.pauses or {}) do paused = paused + span[2] - math.max(span[1], clock.began) end
    clock.due = clock.began + clock.target + paused
    clock.risk = clock.due - math.floor(clock.target / 4)
    clock.token = (clock.token or 0) + 1
    clock.reckoned, clock.step_at = nil, nil
  end

  function clock_begin(was, since, target, sla)
    local clock = { began = since, target = target, token = was and was.token, calendar = sla.calendar, policy = sla.policy }
    if was then clock.met, clock.missed = was.met, was.missed end
    clock_reckon(clock)
    return clock
  end

  local function clock_rested(clock, since, now)
    if now > since then
      clock.pauses = clock.pauses or {}
      clock.pauses[#clock.pauses + 1] = { since, now }
      if #clock.pauses > MOST_PAUSES * (clock.calendar and 2 or 1) then
        local oldest = table.remove(clock.pauses, 1)
        clock.rested = (clock.rested or 0) + oldest[2] - math.max(oldest[1], clock.began)
      end
    end
  end

  local function clock_pause(clock, reason, now)
    clock.paused_since, clock.reason = now, reason
  end

  function clock_resume(clock, now)
    clock_rested(clock, clock.paused_since, now)
    clock.paused_since, clock.reason = nil, nil
    clock_reckon(clock)
  end

  -- Whether it was kept in time; a clock that stands does not become late. Said again with another due, it is said anew.
  function clock_judge(clock, way)
    local until_when = clock.stood_since or clock.stopped
    local verdict = until_when > clock.due and 'missed' or not clock.ended and 'met' or nil
    clock.missed_by = verdict == 'missed' and until_when - clock.due or nil
    if verdict then
      local count = (clock[verdict] or 0) + (way or 1)
      clock[verdict] = count > 0 and count or nil
    end
  end

  function clock_stop(clock, kept, now)
    clock.stopped, clock.ended = now, not kept or nil
    clock.stood_since = clock.paused_since
    if clock.paused_since then clock_rested(clock, clock.paused_since, now) end
    clock.paused_since, clock.reason = nil, nil
    clock_judge(clock)
  end

  -- It was stopped too early: what was finished is open again.
  local function clock_goes_on(clock, now)
    clock_judge(clock, -1)
    clock_rested(clock, clock.stopped, now)
    clock.stopped, clock.ended, clock.missed_by, clock.stood_since = nil, nil, nil, nil
    clock_reckon(clock)
  end

  local function clock_pausing(sla, status)
    for _, each in ipairs(sla.pauses or PARKED) do
      if each == status then return true end
    end
    return false
  end

  -- Begins, stops and targets one clock of the kinds of the house; returns it and whether anything changed.
  local function clock_follow(kind, clock, since, fields, status, sla, now)
    local target = sla.targets[kind]
    if since and target then
      local anew = not clock or FROM_ANEW[kind] and (clock.stopped or clock.began ~= since)
      if anew then
        local answered = kind == 'next_response' and json_value(fields._answered_at)
        if clock and not clock.stopped and answered and clock.began <= answered and answered < since then
          clock_stop(clock, true, answered) -- by an answer that was told of when the next question had come
        end
        return clock_begin(clock, since, target, sla), true
      end
      if clock.stopped then
        clock_goes_on(clock, now)
        return clock, true
      end
      local agreed = clock.target == target and clock.calendar == sla.calendar and clock.policy == sla.policy
      if clock.of or agreed then return clock, false end
      clock.target, clock.calendar, clock.policy = target, sla.calendar, sla.policy
      clock_reckon(clock)
      return clock, true
    end
    if not clock or clock.stopped then return clock, false end
    clock_stop(clock, clock_is_kept(kind, fields, status), kind == 'first_response' and json_value(fields.first_response_at) or now)
    return clock, true
  end

  -- One by a name of the desk's own: what another agreement says of it holds, its calendar also for a target of the clock's own,
  -- and what ended with the ticket goes on with it.
  local function clock_follow_own(name, clock, status, sla, now)
    if clock.ended and not is_finished(status) then
      clock_goes_on(clock, now)
      return true
    end
    local target = not clock.given and sla.targets[name] or clock.target
    local agreed = clock.target == target and clock.calendar == sla.calendar and clock.policy == sla.policy
    if clock.stopped or agreed then return false end
    clock.target, clock.calendar, clock.policy = target, sla.calendar, sla.policy
    clock_reckon(clock)
    return true
  end

  -- Brings all clocks to what the fields say now. Returns whether any changed, and whether a due must be reckoned.
  function clocks_follow(clocks, fields, now)
    local sla, status = clock_agreed(fields), json_value(fields.status)
    local owed, changed, before = clocks_owed(fields, status), false, {}
    for name, clock in pairs(clocks) do before[name] = clock.token end
    for _, kind in ipairs(clock_kinds) do
      local moved
      clocks[kind], moved = clock_follow(kind, clocks[kind], owed[kind], fields, status, sla, now)
      changed = changed or moved
    end
    local pausing, reckon = clock_pausing(sla, status), false
    for name, clock in pairs(clocks) do
      changed = not clock_kinds[name] and clock_follow_own(name, clock, status, sla, now) or changed
      if not clock.stopped then
        local stands = clock.paused_since ~= nil
        if is_finished(status) then clock_stop(clock, false, now)
        elseif pausing and not stands then clock_pause(clock, status, now)
        elseif stands and not pausing then clock_resume(clock, now) end
        changed = changed or clock.stopped ~= nil or pausing ~= stands
      end
      reckon = reckon or clock.token ~= before[name]
    end
    return changed, reckon and sla.reckon or false
  end
end

-- The running clock that is due first; of two the one that stands first among the kinds.
local function clocks_urgent(clocks)
  local names, own, found = { unpack(clock_kinds) }, {}, nil
  for name in pairs(clocks) do
    if not clock_kinds[name] then own[#own + 1] = name end
  end
  table.sort(own)
  for _, name in ipairs(own) do names[#names + 1] = name end
  for _, name in ipairs(names) do
    local clock = clocks[name]
    if clock and not clock.stopped and not clock.paused_since and (not found or clock.due < found.due) then found = clock end
  end
  return found
end
