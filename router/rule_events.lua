#!lua flags=allow-oom
-- Takes lines of the feed and lays what triggers may be waiting for into the queue of the rules: events now, and the time
-- that a status has to last for later.
--
--#keys place: feed_place, feed, queue: work_queue
--#args most (lines), kinds: json, timed: json
--   kinds: kind of a line -> events that some trigger waits for; timed: status -> {{rule, milliseconds}, …}
-- What rules did themselves is no event: the runner follows it (rule_runner.py).
-- Returns how many lines were taken.
--#include ../queue/feed_place.lua
--#include ../queue/work.lua

local function event_of(name, data)
  local article = data.article or {}
  if name == 'message' then return (article.joined_by or '') == '' and 'arrival' or 'message' end
  if name == 'reply' then return (article.author or {}).kind == 'agent' and 'reply' or nil end
  return name
end

local function events_of(line, data)
  local found = {}
  if string.sub(data.actor or '', 1, 5) == 'rule:' then return found end
  for _, name in ipairs(kinds[line[2]] or {}) do
    local event = event_of(name, data)
    if event then found[#found + 1] = event end
  end
  return found
end

local any_timed = next(timed) ~= nil
local lines = place_lines(place, feed, most)
for _, each in ipairs(lines) do
  local line = each[2]
  if kinds[line[2]] or any_timed and string.sub(line[2], 1, 7) ~= 'custome' then
    local data = cjson.decode(line[10])
    local ticket, time = data.ticket, tonumber(line[8])
    if type(ticket) == 'table' and ticket.id then
      local lane = 'ticket:' .. ticket.id
      local events = events_of(line, data)
      if #events > 0 then
        work_push(queue, lane, cjson.encode({ ticket = ticket.id, events = events, actor = data.actor or '',
          article = (data.article or {}).id or '', cause = string.match(each[1], '^%d+') }))
      end
      local since = tonumber(ticket.status_since) or tonumber(ticket.created_at)
      if since == time then
        for _, rule in ipairs(timed[ticket.status] or {}) do
          work_push_later(queue, lane,
            cjson.encode({ ticket = ticket.id, rule = rule[1], since = since }), since + rule[2])
        end
      end
    end
  end
end
place_move(place, lines)
return #lines
