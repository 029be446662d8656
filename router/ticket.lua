-- A ticket and all that must change with it: the one place where tickets, their indexes, the waiting room, the load of
-- agents and the feed are kept equal. Scripts load a ticket, set fields, write a line for each step, and save with the last one.
--
-- What every script that changes a ticket needs beside the ticket's own key:
--#group desk
--#keys index: ZSET (score 0; <dimension>|<number, 12 digits>|<ticket id>)
--   and by time <wanted, risk, due, window or solved>:<queue>|<ms, 16 digits>|<ticket id>, see ticket_promises, ticket_window and
--   ticket_closing
--#keys waiting: ZSET (score 0; <queue>|<due, 16 digits>|<ticket id>; tickets in want of an agent, the most due first)
--#keys agents: HASH (<id>.presence, .missed, .revision and more, see free_agents.lua)
--   of absence: .absence (counts how often they went offline), .removed (1: no longer in the configuration); see agent_watch.lua
--#keys feed, offers: work_queue, clocks: work_queue (see clock_events.py), room: waiting_room, staff: free_agents

--#include ../queue/work.lua
--#include ../queue/feed.lua
--#include record.lua
--#include life_cycle.lua
--#include clocks.lua
--#include waiting_room.lua
--#include free_agents.lua

local ticket_time, ticket_is_undelivered, ticket_dimensions
do
  function ticket_time(ms)
    return string.format('|%016d', ms)
  end

  -- What somebody is owed, by time: `wanted` since nobody has the ticket; `risk` and `due` as its most urgent clock says
  -- (promises.py). What is merged is owed by the ticket that stands for it.
  local function ticket_promises(fields, queue, status)
    local wanted = is_active(status) and json_value(fields._unassigned_since)
    local urgent = not json_value(fields.merged_into) and clocks_urgent(json_value(fields.clocks) or {})
    return {
      wanted = wanted and 'wanted:' .. queue .. ticket_time(wanted),
      risk = urgent and 'risk:' .. queue .. ticket_time(urgent.risk),
      due = urgent and 'due:' .. queue .. ticket_time(urgent.due),
    }
  end

  -- Until when the channel takes a free answer, where somebody waits for one; what pauses a clock does not pause this.
  local function ticket_window(fields, queue, status)
    local shuts = json_value(fields.reply_by)
    local waits = not is_finished(status) and json_value(fields._customer_waits_since)
    return shuts and waits and 'window:' .. queue .. ticket_time(shuts) or nil
  end

  -- What an agent answered did not arrive, and nobody has decided about it: told whatever the status is.
  function ticket_is_undelivered(fields)
    return json_value(fields.undelivered) and not json_value(fields.merged_into) and json_value(fields.resolution) ~= 'spam'
  end

  -- A solved ticket stands in its queue since it was solved, so that what is solved for long enough is found (closing.py).
  local function ticket_closing(fields, queue)
    local since = json_value(fields.status) == 'solved' and json_value(fields._solved_at)
    return since and not ticket_is_undelivered(fields) and 'solved:' .. queue .. ticket_time(since) or nil
  end

  -- Under which heads of the index a ticket stands.
  function ticket_dimensions(fields)
    local queue, status = json_value(fields.queue), json_value(fields.status)
    local offer, assignee, customer = json_value(fields.offer), json_value(fields.assignee), json_value(fields.customer)
    local number = string.format('|%012d', tonumber(string.sub(json_value(fields.number), 3)))
    local promised = ticket_promises(fields, queue, status)
    local undelivered = ticket_is_undelivered(fields)
    return {
      all = 'all' .. number,
      queue = 'queue:' .. queue .. number,
      status = 'status:' .. status .. number,
      both = 'queue:' .. queue .. ':' .. status .. number,
      customer = customer and 'customer:' .. customer .. number,
      assignee = assignee and 'assignee:' .. assignee .. number,
      held = assignee and 'assignee:' .. assignee .. ':' .. status .. number,
      offered = offer and 'offered:' .. offer.agent .. number,
      declined = json_value(fields._declined_by_all) and 'declined:' .. queue .. number,
      wanted = promised.wanted,
      risk = promised.risk,
      due = promised.due,
      window = ticket_window(fields, queue, status),
      solved = ticket_closing(fields, queue),
      undelivered = undelivered and 'undelivered' .. number or nil,
      undelivered_in = undelivered and 'undelivered:' .. queue .. number or nil,
    }
  end
end

local function ticket_load(desk, key)
  local stored = record_load(key)
  if not stored.id then return nil end
  return { desk = desk, key = key, stored = stored, changed = {}, dimensions = ticket_dimensions(stored),
    waited = (stored._queue_position or 'null') ~= 'null' }
end

local function ticket_new(desk, key, fields)
  return { desk = desk, key = key, stored = fields, changed = fields, dimensions = {} }
end

local function ticket_get(ticket, name)
  return json_value(ticket.stored[name])
end

local ticket_set, ticket_note_unassigned, ticket_index, ticket_store, ticket_take_part, ticket_line
do
  -- Fields that change from line to line of one script; the JSON of all others is made once.
  local VOLATILE = { revision = true, updated_at = true, last_message_at = true, acknowledged = true }

  function ticket_set(ticket, name, piece)
    if ticket.stored[name] ~= piece then
      ticket.stored[name] = piece
      ticket.changed[name] = piece
      if not VOLATILE[name] and string.byte(name) ~= 95 then ticket.stable = nil end
    end
  end

  local function ticket_json(ticket)
    ticket.stable = ticket.stable or record_fields(ticket.stored, VOLATILE)
    local pieces = { ticket.stable }
    for name in pairs(VOLATILE) do
      if ticket.stored[name] then pieces[#pieces + 1] = '"' .. name .. '":' .. ticket.stored[name] end
    end
    return '{' .. table.concat(pieces, ',') .. '}'
  end

  local INDEXED = { 'all', 'queue', 'status', 'both', 'customer', 'assignee', 'held', 'offered', 'declined', 'wanted', 'risk', 'due',
    'window', 'solved', 'undelivered', 'undelivered_in' }

  -- Since when nobody has an active ticket: a new one since its message came, another since it lost its agent or woke.
  function ticket_note_unassigned(ticket, now)
    local wanted = is_active(ticket_get(ticket, 'status')) and not ticket_get(ticket, 'assignee')
    local since = ticket_get(ticket, '_unassigned_since')
    if wanted and not since then
      ticket_set(ticket, '_unassigned_since', json_number(not ticket.dimensions.all and ticket_get(ticket, '_arrived_at') or now))
    elseif since and not wanted then
      ticket_set(ticket, '_unassigned_since', 'null')
    end
  end

  function ticket_index(ticket)
    local before, after = ticket.dimensions, ticket_dimensions(ticket.stored)
    local tail = '|' .. ticket_get(ticket, 'id')
    local gone, come = {}, {}
    for _, name in ipairs(INDEXED) do
      if before[name] ~= after[name] then
        if before[name] then gone[#gone + 1] = before[name] .. tail end
        if after[name] then
          come[#come + 1] = 0
          come[#come + 1] = after[name] .. tail
        end
      end
    end
    if #gone > 0 then redis.call('ZREM', ticket.desk.index, unpack(gone)) end
    if #come > 0 then redis.call('ZADD', ticket.desk.index, unpack(come)) end
    ticket.dimensions = after
  end

  function ticket_store(ticket)
    record_change(ticket.key, ticket.changed)
    ticket.changed = {}
  end

  -- What happened to the ticket itself, for whoever looks at it: the newest events, as pieces of JSON joined. When there are
  -- too many, the older half goes. Messages are not among them; they are articles.
  local HISTORY = 6000 -- bytes

  local function ticket_remember(ticket, kind, now, actor, extra)
    if string.sub(kind, 1, 7) ~= 'ticket.' then return end
    local offer = ticket_get(ticket, 'offer')
    local event = '{"kind":' .. json_text(kind) .. ',"at":' .. json_number(now) .. ',"actor":' .. json_text(actor)
      .. ',"agent":' .. (offer and json_text(offer.agent) or ticket.stored.assignee or 'null')
      .. ',"status":' .. ticket.stored.status .. (extra or '') .. '}'
    local known = string.sub(ticket.stored._history or '[]', 2, -2)
    if #known + #event > HISTORY then
      known = string.sub(known, (string.find(known, ',{"kind":', #known / 2, true) or #known) + 1)
    end
    ticket_set(ticket, '_history', '[' .. known .. (known == '' and '' or ',') .. event .. ']')
  end

  -- Who wrote into the ticket or was written to, and how well it is proven that they are who they say; it never sinks. Of
  -- people who were only copied (-1) there are so many at most.
  local MOST_COPIED = 200

  function ticket_take_part(ticket, identity, assurance)
    local participants, count = ticket_get(ticket, '_participants') or {}, 0
    for _ in pairs(participants) do count = count + 1 end
    if (participants[identity] or -2) < assurance and (assurance >= 0 or count < MOST_COPIED) then
      participants[identity] = assurance
      ticket_set(ticket, '_participants', cjson.encode(participants))
    end
  end

  -- One step of the revision and one line of the feed. A script that makes several steps stores the ticket with the last.
  function ticket_line(ticket, kind, now, actor, extra)
    local revision = (tonumber(ticket.stored.revision) or 0) + 1
    ticket_set(ticket, 'revision', json_number(revision))
    ticket_set(ticket, 'updated_at', json_number(now))
    local data = '{"ticket":' .. ticket_json(ticket) .. ',"actor":' .. json_text(actor) .. (extra or '') .. '}'
    feed_append(ticket.desk.feed, kind, ticket_get(ticket, 'id'), revision, now, data)
    ticket_remember(ticket, kind, now, actor, extra)
    return revision
  end
end

local function offers_push(desk, lane, event, due)
  if due then return work_push_later(desk.offers, lane, event, due) end
  return work_push(desk.offers, lane, event)
end

-- The waiting room.

local function waiting_member(fields)
  return json_value(fields.queue) .. '|' .. string.format('%016d', json_value(fields._due)) .. '|' .. json_value(fields.id)
end

-- A ticket that waits stands where its most urgent clock puts it.
local function ticket_reorder(ticket)
  local was, member = ticket_get(ticket, '_queue_position'), waiting_member(ticket.stored)
  if was and was ~= member then
    redis.call('ZREM', ticket.desk.waiting, was)
    redis.call('ZADD', ticket.desk.waiting, 0, member)
    ticket_set(ticket, '_queue_position', json_text(member))
  end
end

-- The next step of a clock's escalation comes back when it is due; an entry of before finds nothing to do.
local function clock_schedule(ticket, name, clock, at)
  if at and clock.step_at ~= at then
    local id = ticket_get(ticket, 'id')
    work_push_later(ticket.desk.clocks, 'ticket:' .. id,
      '{"event":"step","ticket":' .. json_text(id) .. ',"clock":' .. json_text(name) .. ',"at":' .. json_number(at) .. '}', at)
  end
  clock.step_at = at
end

-- Its calendar is asked until when its clocks run.
local function ticket_reckon(ticket)
  local id = ticket_get(ticket, 'id')
  work_push(ticket.desk.clocks, 'ticket:' .. id, '{"event":"reckon","ticket":' .. json_text(id) .. '}')
end

-- The clocks follow what has changed; those of a merged ticket stand as they stood.
local function ticket_clocks(ticket, now)
  if ticket_get(ticket, 'merged_into') then return end
  local clocks = ticket_get(ticket, 'clocks') or {}
  local changed, reckon = clocks_follow(clocks, ticket.stored, now)
  if changed then ticket_set(ticket, 'clocks', cjson.encode(clocks)) end
  if reckon or ticket.changed.customer and ticket.dimensions.all then ticket_reckon(ticket) end
  local urgent = clocks_urgent(clocks)
  if urgent then
    ticket_set(ticket, '_due', json_number(urgent.due))
    ticket_set(ticket, '_target_ms', json_number(urgent.target))
    ticket_reorder(ticket)
  end
end

-- Whoever has the ticket can be offline. Whenever that begins to matter, somebody looks whether it should be handed over
-- (hand_over.lua): with a new agent, a customer who begins to wait, or another time at which it comes into risk.
local function ticket_note_absence(ticket)
  local agent, changed = ticket_get(ticket, 'assignee'), ticket.changed
  if not agent or not is_active(ticket_get(ticket, 'status')) then return end
  local matters = changed.assignee or changed.status or changed._customer_waits_since
    or ticket_dimensions(ticket.stored).risk ~= ticket.dimensions.risk
  if not matters or redis.call('HGET', ticket.desk.agents, agent .. '.presence') ~= 'offline' then return end
  offers_push(ticket.desk, 'agent:' .. agent,
    '{"event":"held","ticket":' .. ticket.stored.id .. ',"agent":' .. json_text(agent) .. '}')
end

local function skill_token(skill)
  return 'skill:' .. skill .. (string.find(skill, '@', 1, true) and '' or '@1')
end

-- What a ticket needs of an agent: tokens, and which of them are wished for only, in the order in which they are dropped.
local function ticket_tokens(ticket, settings)
  local tokens, optional, known = {}, {}, {}
  local function need(token, wished)
    if known[token] then return end
    known[token], tokens[#tokens + 1] = true, token
    if wished then optional[#optional + 1] = { token = token, after = wished, at_once = true } end
  end
  need('queue:' .. ticket_get(ticket, 'queue'))
  for _, skill in ipairs(ticket_get(ticket, 'required_skills') or {}) do need(skill_token(skill)) end
  for _, skill in ipairs(ticket_get(ticket, 'preferred_skills') or {}) do need(skill_token(skill), 0) end
  local language = ticket_get(ticket, 'language') or 'unknown'
  if language ~= 'unknown' then need('language:' .. language, not settings.language_required and (settings.language_ms or 0) or nil) end
  table.sort(tokens)
  return table.concat(tokens, ','), optional
end

-- What the configuration says of the ticket's queue and of its channel.
local function ticket_settings(ticket)
  local queue, channel = 'queue:' .. ticket_get(ticket, 'queue'), 'channel:' .. ticket_get(ticket, 'channel')
  local known = ticket.settings
  if not known or known.queue ~= queue or known.channel ~= channel then
    local found = redis.call('HMGET', ticket.desk.staff.routing, queue, channel)
    known = { queue = queue, channel = channel, found[1] and cjson.decode(found[1]) or {}, found[2] and cjson.decode(found[2]) or {} }
    ticket.settings = known
  end
  return known[1], known[2]
end

-- What it takes of an agent who has it in hand.
local function ticket_takes(ticket, channel)
  channel = channel or select(2, ticket_settings(ticket))
  return { channel = ticket_get(ticket, 'channel'), weight = ticket_get(ticket, '_weight') or 1, patient = channel.patient,
    exclusive = channel.exclusive }
end

-- What a place in the room is made from. A ticket of which any of it has changed stands elsewhere.
--#names place_facts: queue, channel, language, required_skills, preferred_skills, priority, _due, _target_ms, _weight, _previous_agent, _excluded

local function waiting_facts(ticket)
  local pieces = {}
  for i, name in ipairs(place_facts) do pieces[i] = ticket.stored[name] or '' end
  return table.concat(pieces, ' ')
end

local function ticket_place(ticket, facts, now)
  local queue, channel = ticket_settings(ticket)
  local place, due = ticket_takes(ticket, channel), ticket_get(ticket, '_due')
  place.facts, place.priority, place.due = facts, ticket_get(ticket, 'priority'), due
  place.target = ticket_get(ticket, '_target_ms') or 0
  place.arrived = due - place.target
  place.tokens, place.optional = ticket_tokens(ticket, queue)
  place.previous, place.hold, place.excluded = ticket_get(ticket, '_previous_agent'), queue.hold_ms or 0, {}
  for agent, exclusion in pairs(ticket_get(ticket, '_excluded') or {}) do place.excluded[agent] = exclusion.epoch end
  local before = ticket_get(ticket, '_routing') or {}
  local same = before.due == due and before.target == place.target and before.tokens == place.tokens
  place.state, place.aim, place.step, place.dropped = 'waiting', due, 0, {}
  if same then
    place.aim, place.step, place.dropped = before.aim, before.step, waiting_room.still_dropped(place.optional, before.dropped)
    place.asked_all_at = next(place.excluded) and before.asked_all_at or nil
  end
  place.fresh = not same
  place.relaxed = waiting_room.relaxed(place, now)
  return place
end

-- Nobody keeps room for it any more.
function waiting_room.unkeep(desk, place, now)
  if not place.keeper then return end
  redis.call('HSET', desk.agents, place.keeper .. '.keeps', '')
  free_agents.renew(desk.agents, desk.staff, place.keeper, now)
  offers_push(desk, 'agent:' .. place.keeper, '{"event":"freed","agent":' .. json_text(place.keeper) .. '}')
  place.keeper = nil
end

-- A ticket that stands in the room no more remembers how it stood, should it come back.
local function ticket_left_room(ticket, place, now)
  waiting_room.unkeep(ticket.desk, place, now)
  ticket_set(ticket, '_routing', cjson.encode({ due = place.due, target = place.target, tokens = place.tokens, aim = place.aim,
    step = place.step, dropped = place.dropped, asked_all_at = not ticket_get(ticket, 'assignee') and place.asked_all_at or nil }))
end

-- Whoever declined or missed it may be asked again.
function waiting_room.forgive(ticket)
  ticket_set(ticket, '_excluded', '{}')
  local routed = ticket_get(ticket, '_routing')
  if routed and routed.asked_all_at then
    routed.asked_all_at = nil
    ticket_set(ticket, '_routing', cjson.encode(routed))
  end
end

-- The room follows what the ticket says: it stands there while it waits, where its facts put it.
local function ticket_room(ticket, now)
  local waits, facts = ticket_get(ticket, '_queue_position'), nil
  if not waits and not ticket.waited then return end
  local id, place = ticket_get(ticket, 'id'), nil
  if ticket.waited then place = waiting_room.place(ticket.desk, id) end
  if waits then facts = waiting_facts(ticket) end
  if place and place.facts == facts then return end
  if place then
    waiting_room.remove(ticket.desk, id, place)
    ticket_left_room(ticket, place, now)
  end
  if waits then waiting_room.enter(ticket.desk, id, ticket_place(ticket, facts, now)) end
  ticket.waited = waits ~= nil
end

local function ticket_save(ticket, kind, now, actor, extra)
  ticket_note_unassigned(ticket, now)
  ticket_clocks(ticket, now)
  ticket_note_absence(ticket)
  local revision = ticket_line(ticket, kind, now, actor, extra)
  ticket_room(ticket, now)
  ticket_index(ticket)
  ticket_store(ticket)
  return revision
end

local function ticket_wait(ticket)
  local member, id = waiting_member(ticket.stored), ticket_get(ticket, 'id')
  ticket_set(ticket, '_queue_position', json_text(member))
  redis.call('ZADD', ticket.desk.waiting, 0, member)
  offers_push(ticket.desk, 'ticket:' .. id, '{"event":"waiting","ticket":' .. json_text(id) .. '}')
end

-- Whether everybody who is there and could have it has declined, missed or given it back. The board counts it, because
-- nobody is asked any more.
local function ticket_declined_by_all(ticket, declined)
  if (ticket_get(ticket, '_declined_by_all') or false) ~= declined then
    ticket_set(ticket, '_declined_by_all', tostring(declined))
  end
end

local function ticket_leave(ticket)
  local member = ticket_get(ticket, '_queue_position')
  ticket_declined_by_all(ticket, false)
  if member then
    redis.call('ZREM', ticket.desk.waiting, member)
    ticket_set(ticket, '_queue_position', 'null')
  end
end

-- The load of agents. A ticket occupies one agent at most.

local function agent_get(desk, agent, name)
  return redis.call('HGET', desk.agents, agent .. '.' .. name)
end

-- Whether the agent has room for the ticket, on the whole and in its channel.
local function agent_room(ticket, agent)
  return free_agents.fits(free_agents.view(ticket.desk.agents, agent), ticket_takes(ticket))
end

-- `ticket.takes`: what it takes, where that has been decided.
local function ticket_occupy(ticket, agent, now)
  local desk, takes = ticket.desk, ticket.takes or ticket_takes(ticket)
  free_agents.load(desk.agents, agent, takes, 1)
  redis.call('HSET', desk.agents, agent .. '.idle_since', now)
  ticket_set(ticket, '_occupies', json_text(agent))
  ticket_set(ticket, '_takes', cjson.encode(takes))
  free_agents.renew(desk.agents, desk.staff, agent, now)
end

local function ticket_free(ticket, now)
  local agent, desk = ticket_get(ticket, '_occupies'), ticket.desk
  if not agent then return end
  if free_agents.load(desk.agents, agent, ticket_get(ticket, '_takes') or ticket_takes(ticket), -1) <= 0 then
    redis.call('HSET', desk.agents, agent .. '.idle_since', now)
  end
  ticket_set(ticket, '_occupies', 'null')
  free_agents.renew(desk.agents, desk.staff, agent, now)
  offers_push(desk, 'agent:' .. agent, '{"event":"freed","agent":' .. json_text(agent) .. '}')
end

-- It is looked then whether what an agent wraps up is over.
function free_agents.asks_later(desk, agent, due)
  offers_push(desk, 'agent:' .. agent, '{"event":"wrapped","agent":' .. json_text(agent) .. ',"at":' .. json_number(due) .. '}', due)
end

-- Whoever is done with a ticket has room again when they have wrapped it up.
function free_agents.done(ticket, now)
  local agent, desk, id = ticket_get(ticket, '_occupies'), ticket.desk, ticket_get(ticket, 'id')
  local channel = agent and ticket_get(ticket, 'assignee') == agent and select(2, ticket_settings(ticket)) or {}
  local over = now + (channel.wrap_up_ms or 0)
  if over == now then return ticket_free(ticket, now) end
  free_agents.wrap(desk.agents, agent, id, ticket_get(ticket, '_takes') or ticket_takes(ticket, channel), over)
  ticket_set(ticket, '_occupies', 'null')
  ticket_set(ticket, '_wrapping', json_text(agent))
  free_agents.asks_later(desk, agent, over)
end

-- One that is in hand again is not wrapped up.
function free_agents.unwrap(ticket, now)
  local agent, desk = ticket_get(ticket, '_wrapping'), ticket.desk
  if not agent then return end
  ticket_set(ticket, '_wrapping', 'null')
  if free_agents.wrapped(desk.agents, desk.staff, agent, now, ticket_get(ticket, 'id')) > 0 then
    offers_push(desk, 'agent:' .. agent, '{"event":"freed","agent":' .. json_text(agent) .. '}')
  end
end

local function ticket_exclude(ticket, agent, reason)
  local excluded = ticket_get(ticket, '_excluded') or {}
  excluded[agent] = { reason = reason, epoch = tonumber(agent_get(ticket.desk, agent, 'epoch') or 0) }
  ticket_set(ticket, '_excluded', cjson.encode(excluded))
end

local function ticket_drop_offer(ticket)
  ticket_set(ticket, 'offer', 'null')
end

-- An agent has it from now on: nobody else is asked, and what kept anybody from it is forgotten.
local function ticket_assign(ticket, agent, now)
  local status = ticket_get(ticket, 'status')
  ticket_leave(ticket)
  ticket_drop_offer(ticket)
  if is_active(status) and ticket_get(ticket, '_occupies') ~= agent then
    ticket_free(ticket, now)
    ticket_occupy(ticket, agent, now)
  end
  ticket_set(ticket, 'assignee', json_text(agent))
  ticket_set(ticket, '_held_since', json_number(now))
  waiting_room.forgive(ticket)
  if status == 'new' then
    ticket_set(ticket, 'status', '"open"')
    ticket_set(ticket, 'status_since', json_number(now))
  end
end

-- Nobody has it from now on; an active one waits in the room of its queue.
local function ticket_unassign(ticket, now)
  ticket_leave(ticket)
  ticket_drop_offer(ticket)
  ticket_set(ticket, 'assignee', 'null')
  ticket_free(ticket, now)
  if is_active(ticket_get(ticket, 'status')) then ticket_wait(ticket) end
end

-- One that waits for other facts, or at another place, than it does now waits anew.
local function ticket_wait_anew(ticket, facts)
  local member = ticket_get(ticket, '_queue_position')
  if member and (member ~= waiting_member(ticket.stored) or facts ~= waiting_facts(ticket)) then
    ticket_leave(ticket)
    ticket_wait(ticket)
  end
end

-- Whoever has the ticket is done with it: how long it was in hand tells what the next of its kind will take.
local function ticket_learn_work(ticket, now)
  local since = ticket_get(ticket, 'assignee') and ticket_get(ticket, '_held_since')
  if not since or not ticket_get(ticket, '_occupies') then return end
  local routed, tokens, optional = ticket_get(ticket, '_routing'), ticket_tokens(ticket, (ticket_settings(ticket)))
  local dropped = routed and routed.tokens == tokens and routed.dropped or {}
  waiting_room.finished(ticket.desk.room, waiting_room.signature({ tokens = tokens, optional = optional, dropped = dropped }, 0), now - since)
end

-- The customer says that the matter is done (records.py, Settled), or nothing of the kind any more.
local function ticket_offer_settled(ticket, settled)
  if settled or ticket.stored.settled then ticket_set(ticket, 'settled', settled or 'null') end
end

-- A parked or finished ticket frees its agent's slot, once it is wrapped up; a waking one takes it again if there is room and the agent is
-- there, and otherwise returns to its queue, where its last agent is preferred.
local function ticket_status(ticket, status, resolution, now)
  local was = ticket_get(ticket, 'status')
  if was == status then
    ticket_set(ticket, 'resolution', resolution)
    return
  end
  ticket_set(ticket, 'status', json_text(status))
  ticket_set(ticket, 'status_since', json_number(now))
  ticket_set(ticket, 'resolution', resolution)
  if status == 'solved' then ticket_set(ticket, '_solved_at', json_number(now)) end
  if is_finished(status) or is_finished(was) then ticket_offer_settled(ticket, nil) end
  if was == 'solved' and status == 'open' then
    ticket_set(ticket, 'reopened', json_number((ticket_get(ticket, 'reopened') or 0) + 1))
  end
  if is_active(was) and not is_active(status) then
    ticket_learn_work(ticket, now)
    ticket_leave(ticket)
    ticket_drop_offer(ticket)
    free_agents.done(ticket, now)
  elseif is_active(status) and not is_active(was) then
    free_agents.unwrap(ticket, now)
    local agent = ticket_get(ticket, 'assignee')
    local there = agent and (agent_get(ticket.desk, agent, 'presence') or 'offline') ~= 'offline'
    if there and agent_room(ticket, agent) then
      ticket_occupy(ticket, agent, now)
    else
      if agent then ticket_set(ticket, '_previous_agent', json_text(agent)) end
      ticket_set(ticket, 'assignee', 'null')
      ticket_set(ticket, '_excluded', '{}')
      ticket_wait(ticket)
    end
  end
end
