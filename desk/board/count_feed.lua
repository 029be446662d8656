#!lua flags=allow-oom
-- Counts what came into the queues, what was handled, and by whom, from the lines of the feed.
--
-- A ticket is *active* while it is new or open. One that becomes active in a queue, or is moved into it, has arrived there;
-- one that stops being active is handled, and counts for the agent who had it, unless it was merged into another.
--
--#keys place: feed_place, feed, rates: HASH, active_tickets: HASH (ticket -> <queue>|<agent>|<ms when they got it>)
--   rates: begun, the time of the first line; in:<slot> and out:<slot> -> {minute, counts: {queue: count}}, a ring of
--   minutes; day:<agent> -> <beginning of the day>:<count>:<ms from getting to handling, added up>
--#args most (lines), ring: number (minutes), days...: number (ms when they begin, the earliest first)
-- Returns how many lines were counted.
--#include ../../queue/feed_place.lua
--#include ../../router/life_cycle.lua
local COUNTED = {}
for _, kind in ipairs({ 'created', 'status_changed', 'reopened', 'closed', 'moved', 'assigned', 'released', 'handed_over',
  'merged', 'unmerged' }) do
  COUNTED['ticket.' .. kind] = true
end

local function count(what, queue, time)
  local minute = math.floor(time / 60000)
  local field = what .. ':' .. (minute % ring)
  local known = cjson.decode(redis.call('HGET', rates, field) or '{"minute":0}')
  if known.minute > minute then return end
  if known.minute < minute then known = { minute = minute, counts = {} } end
  known.counts[queue] = (known.counts[queue] or 0) + 1
  redis.call('HSET', rates, field, cjson.encode(known))
end

local function day_of(time)
  local day
  for _, begins in ipairs(days) do
    if begins <= time then day = begins end
  end
  return day
end

local function credit(agent, since, time)
  local day = day_of(time)
  if agent == '' or not day then return end
  local stored = redis.call('HGET', rates, 'day:' .. agent) or '0:0:0'
  local known, counted, spent = string.match(stored, '^(%d+):(%d+):(%d+)$')
  if tonumber(known) > day then return end
  if tonumber(known) < day then counted, spent = 0, 0 end
  redis.call('HSET', rates, 'day:' .. agent, string.format('%.0f:%d:%.0f', day, counted + 1, spent + math.max(0, time - since)))
end

local function text(value)
  return type(value) == 'string' and value or ''
end

-- What the ticket was when it was last counted is compared with what it is in this line.
local function count_ticket(ticket, time)
  local queue, agent = text(ticket.queue), text(ticket.assignee)
  local active = is_active(ticket.status)
  local known = redis.call('HGET', active_tickets, ticket.id)
  local was_in, had, since = '', '', time
  if known then was_in, had, since = string.match(known, '^([^|]*)|([^|]*)|(%d+)$') end
  if active and was_in ~= queue then count('in', queue, time) end
  if known and not active then
    count('out', was_in, time)
    if ticket.resolution ~= 'merged' then credit(had, tonumber(since), time) end
    redis.call('HDEL', active_tickets, ticket.id)
  elseif active then
    local got = string.format('%.0f', agent == had and since or time)
    redis.call('HSET', active_tickets, ticket.id, table.concat({ queue, agent, got }, '|'))
  end
end

-- All lines are read before anything is written, so that one that cannot be read changes nothing.
local lines, changes = place_lines(place, feed, most), {}
for _, line in ipairs(lines) do
  local fields = line[2]
  if COUNTED[fields[2]] then changes[#changes + 1] = { ticket = cjson.decode(fields[10]).ticket, at = tonumber(fields[8]) } end
end
if #lines > 0 then redis.call('HSETNX', rates, 'begun', lines[1][2][8]) end
for _, each in ipairs(changes) do count_ticket(each.ticket, each.at) end
place_move(place, lines)
return #lines
