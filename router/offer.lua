#!lua flags=allow-oom
-- Offers a waiting ticket to the best of its candidates, or leaves it waiting.
--
-- The candidates come with what the configuration says of them; presence, room and what the ticket remembers are read
-- here, so that no agent is given more than the capacity, with any number of routers at once. Who is best is decided
-- as router/decision.py says: a speaker of the language while one is on duty, then the one who knows the case, then the
-- least load for the capacity, then the longest idle, then the id.
--
--#keys ticket: HASH, desk, decisions: LIST, settling: work_settling (of the offers)
--#args now: number, plan: json
--#args lane? (of the event that this step completes, if it does), token?, sequence?: number, release: flag
--   plan: candidates: [{agent, speaks, preferred}], facts, expires_at, token, auto_accept, config, cause,
--   relax (the wait for a speaker of the language is over)
-- Returns {OFFERED, agent}, {NOBODY}, {NOTHING} when the ticket does not wait, or not as it did, or {STALE}.
--#include ticket.lua
local function complete()
  if lane ~= '' then work_finish(desk.offers, settling, lane, sequence, release) end
end

-- The candidates were chosen by these facts. Whoever changed one has let the ticket wait anew, with an event of its own.
local function changed_since(current)
  for name, known in pairs(plan.facts) do
    local now_known = ticket_get(current, name)
    if type(known) == 'table' then
      known, now_known = table.concat(known, '\0'), table.concat(now_known, '\0')
    end
    if known ~= now_known then return true end
  end
  return false
end

if lane ~= '' and not work_holds(desk.offers, lane, token) then return { 'STALE' } end
local ticket = ticket_load(desk, ticket)
if not ticket or not ticket_get(ticket, '_queue_position') or changed_since(ticket) then
  complete()
  return { 'NOTHING' }
end

local channel, weight = ticket_get(ticket, 'channel'), ticket_get(ticket, '_weight')
local excluded, previous = ticket_get(ticket, '_excluded') or {}, ticket_get(ticket, '_previous_agent')
if plan.relax and ticket_get(ticket, '_any_language') ~= true then
  redis.call('HSET', ticket.key, '_any_language', 'true')
  ticket.stored._any_language = 'true'
end
local relaxed = ticket_get(ticket, '_any_language') == true

local AT_ONCE = 500 -- candidates; Lua cannot hand over many thousand names in one call
local RECORDED = 100 -- candidates

-- Reads fields of these candidates' agents; `take` gets each candidate, the values, and behind which of them its own are.
local function look(candidates, fields, take)
  for first = 1, #candidates, AT_ONCE do
    local last, names = math.min(first + AT_ONCE - 1, #candidates), {}
    for i = first, last do
      for _, field in ipairs(fields) do names[#names + 1] = candidates[i].agent .. field end
    end
    local values = redis.call('HMGET', desk.agents, unpack(names))
    for i = first, last do take(candidates[i], values, (i - first) * #fields) end
  end
end

-- Of those who are not there, however many, only the presence is read, unless they come into the record.
local speaker_on_duty, looked_at = false, {}
look(plan.candidates, { '.presence' }, function(candidate, values, at)
  candidate.presence = values[at + 1] or 'offline'
  if candidate.speaks and (candidate.presence == 'available' or candidate.presence == 'busy') then speaker_on_duty = true end
  if candidate.presence == 'available' or #looked_at < RECORDED then looked_at[#looked_at + 1] = candidate end
end)
local FIELDS = { '.load', '.capacity', '.idle_since', '.epoch', '.cap:' .. channel, '.load:' .. channel }
look(looked_at, FIELDS, function(candidate, values, at)
  local cap = values[at + 5] and tonumber(values[at + 5])
  candidate.load = tonumber(values[at + 1] or 0)
  candidate.capacity = tonumber(values[at + 2] or 0)
  candidate.idle_since = tonumber(values[at + 3] or 0)
  candidate.epoch = tonumber(values[at + 4] or 0)
  candidate.room = candidate.load + weight <= candidate.capacity
    and (not cap or tonumber(values[at + 6] or 0) + weight <= cap)
  candidate.knows = candidate.agent == previous
end)

local function left_out(candidate)
  local memory = excluded[candidate.agent]
  if candidate.presence ~= 'available' then return candidate.presence end
  if memory and memory.epoch == candidate.epoch then return memory.reason end
  if not candidate.room then return 'full' end
  if speaker_on_duty and not relaxed and not candidate.speaks then return 'language' end
  return nil
end

local function better(a, b)
  if a.speaks ~= b.speaks then return a.speaks end
  if a.knows ~= b.knows then return a.knows end
  if a.preferred ~= b.preferred then return a.preferred > b.preferred end
  local left, right = a.load * b.capacity, b.load * a.capacity
  if left ~= right then return left < right end
  if a.idle_since ~= b.idle_since then return a.idle_since < b.idle_since end
  return a.agent < b.agent
end

local best, second
for _, candidate in ipairs(plan.candidates) do
  candidate.left_out = left_out(candidate)
  if candidate.left_out then -- nobody to compare with
  elseif not best or better(candidate, best) then
    best, second = candidate, best
  elseif not second or better(candidate, second) then
    second = candidate
  end
end
complete()
if not best then
  local asked, others = false, false
  for _, candidate in ipairs(plan.candidates) do
    if excluded[candidate.agent] and candidate.left_out == excluded[candidate.agent].reason then asked = true end
    if candidate.left_out == 'full' or candidate.left_out == 'language' then others = true end
  end
  ticket_declined_by_all(ticket, asked and not others)
  ticket_index(ticket)
  ticket_store(ticket)
  return { 'NOBODY' }
end

-- The record is kept with the ticket. Of a long list it has who was chosen and who came next, with whom the choice can be
-- made again and explained, and the first others; the rest is counted by what kept it.
local kept, others, room = {}, {}, RECORDED - (second and 2 or 1)
for _, candidate in ipairs(plan.candidates) do
  local needed = candidate == best or candidate == second
  if needed or room > 0 then
    kept[#kept + 1] = candidate
    room = needed and room or room - 1
  else
    local outcome = candidate.left_out or 'behind'
    others[outcome] = (others[outcome] or 0) + 1
  end
end

local decision = cjson.encode({ kind = 'offer', at = now, agent = best.agent, config = plan.config, channel = channel,
  weight = weight, relaxed = relaxed, speaker_on_duty = speaker_on_duty, candidates = kept, others = next(others) and others,
  load_before = best.load, load_after = best.load + weight, capacity = best.capacity, cause = plan.cause })
redis.call('RPUSH', decisions, decision)
redis.call('LTRIM', decisions, -50, -1)

redis.call('HSET', desk.agents, best.agent .. '.idle_since', now)
if plan.auto_accept then
  ticket_assign(ticket, best.agent, now)
  ticket_save(ticket, 'ticket.assigned', now, 'router')
else
  ticket_leave(ticket)
  ticket_occupy(ticket, best.agent)
  ticket_set(ticket, 'offer', '{"agent":' .. json_text(best.agent) .. ',"expires_at":' .. json_number(plan.expires_at)
    .. '}')
  ticket_set(ticket, '_offer_token', json_text(plan.token))
  ticket_save(ticket, 'ticket.offered', now, 'router')
  local id = ticket_get(ticket, 'id')
  offers_push(desk, 'ticket:' .. id, '{"event":"expired","ticket":' .. json_text(id) .. ',"token":' .. json_text(plan.token) .. '}',
    plan.expires_at)
end
return { 'OFFERED', best.agent }
