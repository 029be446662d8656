#!lua flags=allow-oom
-- Counts what came into the queues, what was handled, and by whom, from the lines of the feed since the last time.
--
-- Every process calls this; each line is counted once, because the position up to which it was counted is moved in the
-- same step. A ticket is *active* while it is new or open. One that becomes active in a queue, or is moved into it, has
-- arrived there; one that stops being active is handled, and counts for the agent who had it.
--
-- KEYS 1 flow HASH, 2 active HASH ticket -> <queue>|<agent>|<ms when they got it>, 3 feed STREAM
--   flow: position; begun, the time of the first line; in:<slot> and out:<slot> -> {minute, counts: {queue: count}}, a ring
--   of ARGV 2 minutes; day:<agent> -> <beginning of the day>:<count>:<ms from getting to handling, added up>
-- ARGV 1 most lines, 2 minutes in the ring, then the beginnings of days (ms), the earliest first
-- Returns {how many lines were counted, time of the last}.
local FLOW, ACTIVE, ring = KEYS[1], KEYS[2], tonumber(ARGV[2])
local TOLD = {}
for _, kind in ipairs({ 'created', 'status_changed', 'reopened', 'closed', 'moved', 'assigned', 'released' }) do
  TOLD['ticket.' .. kind] = true
end

local function count(what, queue, time)
  local minute = math.floor(time / 60000)
  local field = what .. ':' .. (minute % ring)
  local known = cjson.decode(redis.call('HGET', FLOW, field) or '{"minute":0}')
  if known.minute > minute then return end
  if known.minute < minute then known = { minute = minute, counts = {} } end
  known.counts[queue] = (known.counts[queue] or 0) + 1
  redis.call('HSET', FLOW, field, cjson.encode(known))
end

local function day_of(time)
  local day
  for i = 3, #ARGV do
    if tonumber(ARGV[i]) <= time then day = tonumber(ARGV[i]) end
  end
  return day
end

local function credit(agent, since, time)
  local day = day_of(time)
  if agent == '' or not day then return end
  local stored = redis.call('HGET', FLOW, 'day:' .. agent) or '0:0:0'
  local known, counted, spent = string.match(stored, '^(%d+):(%d+):(%d+)$')
  if tonumber(known) > day then return end
  if tonumber(known) < day then counted, spent = 0, 0 end
  redis.call('HSET', FLOW, 'day:' .. agent, string.format('%.0f:%d:%.0f', day, counted + 1, spent + math.max(0, time - since)))
end

local function text(value)
  return type(value) == 'string' and value or ''
end

-- What the ticket was when it was last counted is compared with what it is in this line.
local function tell(ticket, time)
  local queue, agent = text(ticket.queue), text(ticket.assignee)
  local active = ticket.status == 'new' or ticket.status == 'open'
  local known = redis.call('HGET', ACTIVE, ticket.id)
  local was_in, had, since = '', '', time
  if known then was_in, had, since = string.match(known, '^([^|]*)|([^|]*)|(%d+)$') end
  if active and was_in ~= queue then count('in', queue, time) end
  if known and not active then
    count('out', was_in, time)
    credit(had, tonumber(since), time)
    redis.call('HDEL', ACTIVE, ticket.id)
  elseif active then
    redis.call('HSET', ACTIVE, ticket.id, queue .. '|' .. agent .. '|' .. string.format('%.0f', agent == had and since or time))
  end
end

local at = redis.call('HGET', FLOW, 'position') or '0'
local lines = redis.call('XRANGE', KEYS[3], '(' .. at .. '-0', '+', 'COUNT', ARGV[1])
if #lines == 0 then return { 0, 0 } end
redis.call('HSETNX', FLOW, 'begun', lines[1][2][8])
for _, line in ipairs(lines) do
  local fields = line[2]
  if TOLD[fields[2]] then tell(cjson.decode(fields[10]).ticket, tonumber(fields[8])) end
end
redis.call('HSET', FLOW, 'position', (string.gsub(lines[#lines][1], '%-.*', '')))
return { #lines, tonumber(lines[#lines][2][8]) }
