-- The waiting room as the router chooses from it, so that a free agent finds the most due ticket they can have in few looks
-- (docs/decisions/0030). Entering and leaving is done here alone; ticket.lua does it when a ticket is saved.
--
-- A signature is what an agent must have for a ticket: its tokens in order, `language:fr,queue:support,skill:billing@3`. The
-- tickets of one signature and priority are a line, of which mostly the head is looked at. A head stands under one token of
-- its signature, the anchor: the one that fewest agents have. Whoever can have the ticket has all tokens, so any of them
-- would be right; what stands under a rare one is looked at by few. So what it costs to find work grows with neither the
-- tickets nor the agents. A place in a line is mostly the aim of the ticket: the time by which they are ordered.
--
-- Members carry what a look needs to know of the ticket, `kind`: <aim>|<step>|<channel>|<weight>|<flags>, where the flags are
-- p (patient: in hand it keeps nobody from what is not), x (exclusive: it keeps its agent from everything else), e (somebody
-- is not to be asked), and - for none.
--
--#group waiting_room
--#keys lines: ZSET (score 0; <signature>|<priority>|<place, 16 digits>|<ticket>|<kind>)
--#keys heads: ZSET (<anchor>|<priority>|<place>|<ticket>|<kind>|<signature>; the first of each line)
--#keys returning: ZSET (<agent who had it>|<place>|<ticket>|<kind>|<priority>|<signature>)
--#keys overflow: ZSET (<anchor>|<aim>|<ticket>|<kind>|<priority>|<signature with fewer tokens>; second-choice work)
--#keys on_time: ZSET (<priority>|<due, 16 digits>|<ticket>; whose aim is still when they are due)
--#keys wanting: ZSET (<token>|<ticket>; who could do without the token at once, were there nobody who has it)
--#keys places: HASH (ticket -> JSON, see waiting_room.place)
--#keys counts: HASH (heads|<anchor>|<priority>, overflow|<anchor>, heads|<signature>; and anchor|<signature>: a token)
--#keys rates: HASH (see rates.lua; and work|<signature>: how long a ticket of it is in hand, on average, ms)

local waiting_room = { LOOKS = 64 } -- LOOKS: places that a search looks at, at most
local FINAL = 3 -- steps of the ladder (the model: assignment/aims.py)

function waiting_room.time(ms)
  return string.format('%016d', ms)
end

-- The members under a head, from the one behind so many; as many as are wanted.
function waiting_room.under(key, head, behind, most)
  return redis.call('ZRANGE', key, '[' .. head .. '|', '(' .. head .. '}', 'BYLEX', 'LIMIT', behind, most)
end

-- Those of them that stand before a place and ticket.
function waiting_room.before(key, head, last, behind, most)
  return redis.call('ZRANGE', key, '[' .. head .. '|', '(' .. head .. '|' .. last, 'BYLEX', 'LIMIT', behind, most)
end

function waiting_room.count(room, name, by)
  if redis.call('HINCRBY', room.counts, name, by) == 0 then redis.call('HDEL', room.counts, name) end
end

-- The token of the signature that fewest agents have, of equals the first.
local function rarest(staff, signature)
  local tokens, best, least = {}, nil, nil
  for token in string.gmatch(signature, '[^,]+') do tokens[#tokens + 1] = token end
  for i, counted in ipairs(redis.call('HMGET', staff.holders, unpack(tokens))) do
    local number = tonumber(counted or 0)
    if not least or number < least then best, least = tokens[i], number end
  end
  return best
end

-- A signature has one anchor for as long as it has a head.
function waiting_room.anchor(desk, signature)
  local anchor = redis.call('HGET', desk.room.counts, 'anchor|' .. signature)
  if not anchor then
    anchor = rarest(desk.staff, signature)
    redis.call('HSET', desk.room.counts, 'anchor|' .. signature, anchor)
  end
  return anchor
end

-- The head of a line is another than before, or the first, or there is none any more.
function waiting_room.head(desk, signature, priority, before, after)
  if before == after then return end
  local room, line = desk.room, signature .. '|' .. priority .. '|'
  local under = waiting_room.anchor(desk, signature) .. '|' .. priority
  if before then redis.call('ZREM', room.heads, under .. '|' .. string.sub(before, #line + 1) .. '|' .. signature) end
  if after then redis.call('ZADD', room.heads, 0, under .. '|' .. string.sub(after, #line + 1) .. '|' .. signature) end
  if before and after then return end
  waiting_room.count(room, 'heads|' .. under, after and 1 or -1)
  waiting_room.count(room, 'heads|' .. signature, after and 1 or -1)
  if before and redis.call('HEXISTS', room.counts, 'heads|' .. signature) == 0 then
    redis.call('HDEL', room.counts, 'anchor|' .. signature)
  end
end

do
  local MEAN_WORK = 480000 -- ms; of a signature of which no ticket has been finished yet
  local LONGEST_WORK = 28800000 -- ms; what lies longer is not worked on

  -- How long a ticket of the signature is in hand, on average. Milliseconds.
  function waiting_room.work(room, signature)
    return tonumber(redis.call('HGET', room.rates, 'work|' .. signature) or MEAN_WORK)
  end

  -- A ticket of the signature was finished after so long in hand.
  function waiting_room.finished(room, signature, took)
    local work = waiting_room.work(room, signature)
    redis.call('HSET', room.rates, 'work|' .. signature, work + math.floor((math.min(took, LONGEST_WORK) - work) / 32))
  end
end

-- The tokens but for those that are dropped; `lacking` is how many of the optional ones may be lacking besides.
function waiting_room.signature(place, lacking)
  local gone, left = {}, {}
  for _, token in ipairs(place.dropped) do gone[token] = true end
  for i = 1, lacking do gone[place.optional[i].token] = true end
  for token in string.gmatch(place.tokens, '[^,]+') do
    if not gone[token] then left[#left + 1] = token end
  end
  return #left > 0 and table.concat(left, ',') or string.match(place.tokens, '[^,]+$')
end

-- Those of the dropped tokens that are only wished for still.
function waiting_room.still_dropped(optional, dropped)
  local wished, left = {}, {}
  for _, each in ipairs(optional) do wished[each.token] = true end
  for _, token in ipairs(dropped) do left[#left + 1] = wished[token] and token or nil end
  return left
end

-- How a ticket waits. Given: tokens (joined by commas), optional (list of {token, after, at_once}), priority, due, target,
-- arrived (ms), channel, weight, patient, exclusive, previous (who had it), hold (ms), excluded ({agent: epoch}), and `facts`,
-- by which ticket.lua sees whether any of it has changed. Kept here: state (waiting, or held for its previous agent), aim,
-- step, relaxed (how many optional tokens second-choice agents may lack), dropped (optional tokens that nobody needs any
-- more), held_until, asked_all_at, looks_at (when it looks whether anybody is left to ask), keeper (the agent whose room is
-- kept for it), fresh (it has not looked for an agent yet), and where it stands: signature, place, returning, overflow.
function waiting_room.kind(place)
  local flags = (place.patient and 'p' or '') .. (place.exclusive and 'x' or '') .. (next(place.excluded) and 'e' or '')
  return string.format('%d|%d|%s|%d|%s', place.aim, place.step, place.channel, place.weight, flags == '' and '-' or flags)
end

-- How many optional tokens second-choice agents may lack by now.
function waiting_room.relaxed(place, now)
  local lacking = 0
  for i, each in ipairs(place.optional) do
    if place.arrived + each.after <= now then lacking = i end
  end
  return lacking
end

function waiting_room.line_add(desk, id, place)
  local line = place.signature .. '|' .. place.priority
  local member = line .. '|' .. waiting_room.time(place.place) .. '|' .. id .. '|' .. waiting_room.kind(place)
  local before = waiting_room.under(desk.room.lines, line, 0, 1)[1]
  redis.call('ZADD', desk.room.lines, 0, member)
  if not before or member < before then waiting_room.head(desk, place.signature, place.priority, before, member) end
end

function waiting_room.line_remove(desk, id, place)
  local line = place.signature .. '|' .. place.priority
  local member = line .. '|' .. waiting_room.time(place.place) .. '|' .. id .. '|' .. waiting_room.kind(place)
  local firsts = waiting_room.under(desk.room.lines, line, 0, 2)
  redis.call('ZREM', desk.room.lines, member)
  if member == firsts[1] then waiting_room.head(desk, place.signature, place.priority, member, firsts[2]) end
end

function waiting_room.behind(place, id, signature)
  return id .. '|' .. waiting_room.kind(place) .. '|' .. place.priority .. '|' .. signature
end

function waiting_room.overflow_leave(desk, id, place)
  if not place.overflow then return end
  redis.call('ZREM', desk.room.overflow, place.overflow)
  waiting_room.count(desk.room, 'overflow|' .. string.match(place.overflow, '^[^|]*'), -1)
  place.overflow = nil
end

-- It can be taken as second-choice work from now on, or with one token less than before.
function waiting_room.overflow(desk, id, place)
  waiting_room.overflow_leave(desk, id, place)
  if place.relaxed == 0 or place.state ~= 'waiting' then return end
  local signature = waiting_room.signature(place, place.relaxed)
  local anchor = rarest(desk.staff, signature)
  place.overflow = anchor .. '|' .. waiting_room.time(place.aim) .. '|' .. waiting_room.behind(place, id, signature)
  redis.call('ZADD', desk.room.overflow, 0, place.overflow)
  waiting_room.count(desk.room, 'overflow|' .. anchor, 1)
end

function waiting_room.store(desk, id, place)
  redis.call('HSET', desk.room.places, id, cjson.encode(place))
end

-- It begins to wait, or stands elsewhere after `waiting_room.remove`.
function waiting_room.enter(desk, id, place)
  local room, apart, there = desk.room, 0, false
  place.signature = waiting_room.signature(place, 0)
  if place.previous then
    local presence = redis.call('HGET', desk.agents, place.previous .. '.presence')
    there = presence == 'available' or presence == 'busy'
    apart = math.floor(waiting_room.work(room, place.signature) / 2)
    place.returning = place.previous .. '|' .. waiting_room.time(place.aim - apart) .. '|' .. waiting_room.behind(place, id, place.signature)
    redis.call('ZADD', room.returning, 0, place.returning)
  end
  if place.state == 'waiting' then
    place.place = there and place.aim + apart or place.aim
    waiting_room.line_add(desk, id, place)
    waiting_room.overflow(desk, id, place)
  end
  if place.step == 0 then redis.call('ZADD', room.on_time, 0, place.priority .. '|' .. waiting_room.time(place.due) .. '|' .. id) end
  for _, each in ipairs(place.optional) do
    if each.at_once and not string.find(',' .. table.concat(place.dropped, ',') .. ',', ',' .. each.token .. ',', 1, true) then
      redis.call('ZADD', room.wanting, 0, each.token .. '|' .. id)
    end
  end
  waiting_room.store(desk, id, place)
end

function waiting_room.remove(desk, id, place)
  local room = desk.room
  if place.place then waiting_room.line_remove(desk, id, place) end
  place.place = nil
  if place.returning then redis.call('ZREM', room.returning, place.returning) end
  place.returning = nil
  waiting_room.overflow_leave(desk, id, place)
  if place.step == 0 then redis.call('ZREM', room.on_time, place.priority .. '|' .. waiting_room.time(place.due) .. '|' .. id) end
  for _, each in ipairs(place.optional) do
    if each.at_once then redis.call('ZREM', room.wanting, each.token .. '|' .. id) end
  end
  redis.call('HDEL', room.places, id)
end

function waiting_room.place(desk, id)
  local stored = redis.call('HGET', desk.room.places, id)
  return stored and cjson.decode(stored)
end
