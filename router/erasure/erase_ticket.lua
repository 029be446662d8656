#!lua flags=allow-oom
-- Takes from a ticket what somebody said or was called. Their own keeps what is counted by, and is closed when nobody else
-- wrote into it; of another's ticket only they go.
--
--#keys ticket: HASH, desk, scopes: ZSET
--#args now: number, own: flag, closes: flag, message_ids: json (of what they wrote)
--#args said: json (what goes, by who wrote it and when), opened: flag (the message that opened the ticket goes)
--#args kept... (names of the fields that an own one keeps), people... (their identity keys)
-- Returns OK, or DONE when there was nothing left to do.
--#include ../ticket.lua
local key, ticket = ticket, ticket_load(desk, ticket)
if not ticket then return 'DONE' end
local participants, took_part = ticket_get(ticket, '_participants') or {}, false
for _, identity in ipairs(people) do
  took_part = took_part or participants[identity] ~= nil
  participants[identity] = nil
end
if own then
  for identity, assurance in pairs(participants) do  -- whom they copied, and who never wrote
    if assurance < 0 then
      took_part, participants[identity] = true, nil
    end
  end
end
if own and not took_part and ticket_get(ticket, 'erased_at') then return 'DONE' end

closes = closes and ticket_get(ticket, 'status') ~= 'closed'
if closes then ticket_status(ticket, 'closed', '"cancelled"', now) end
local keep, before = { _participants = true }, {}
for _, name in ipairs(kept) do keep[name] = true end
for name in pairs(ticket.stored) do before[#before + 1] = name end
if own then
  for _, name in ipairs(before) do
    if not keep[name] then
      ticket.stored[name] = nil
      ticket.changed[name] = nil
    end
  end
  ticket.stable = nil
  ticket_set(ticket, 'subject', '""')
  ticket_set(ticket, 'tags', '[]')
  ticket_set(ticket, 'erased_at', json_number(now))
  local merge = ticket_get(ticket, '_merge')
  if merge then
    merge.reason = ''
    ticket_set(ticket, '_merge', cjson.encode(merge))
  end
  redis.call('DEL', scopes)
else
  local gone, route = {}, ticket_get(ticket, '_reply_to')
  for _, identity in ipairs(people) do gone[identity] = true end
  local last = ticket_get(ticket, '_preview')
  local function goes(preview)
    return gone[preview.key] or said[(preview.key or '') .. ' ' .. json_number(preview.at or 0)]
  end
  if last and goes(last) and ticket.stored._thread_subject then ticket_set(ticket, '_thread_subject', '""') end
  for _, name in ipairs({ '_preview', '_part_preview' }) do
    local preview = ticket_get(ticket, name)
    if preview and goes(preview) then ticket_set(ticket, name, '{}') end
  end
  if opened then ticket_set(ticket, '_search_text', '""') end
  if route and gone['email:' .. route.to] then ticket_set(ticket, '_reply_to', 'null') end
  local copied, others = ticket_get(ticket, '_copied') or {}, {}
  for _, each in ipairs(copied) do
    if not gone['email:' .. each.address] then others[#others + 1] = each end
  end
  if #others < #copied then ticket_set(ticket, '_copied', #others > 0 and cjson.encode(others) or '[]') end
  local references, thread = {}, ticket_get(ticket, '_references') or {}
  for _, id in ipairs(thread) do
    if not message_ids[id] then references[#references + 1] = id end
  end
  if #references < #thread then
    ticket_set(ticket, '_references', #references > 0 and cjson.encode(references) or '[]')
  end
  if message_ids[ticket_get(ticket, '_in_reply_to') or ''] then
    ticket_set(ticket, '_in_reply_to', json_text(references[#references] or ''))
  end
end
if took_part then ticket_set(ticket, '_participants', cjson.encode(participants)) end
if closes then ticket_line(ticket, 'ticket.closed', now, 'system') end
if own then ticket_save(ticket, 'ticket.erased', now, 'system') else ticket_store(ticket) end
for _, name in ipairs(before) do
  if ticket.stored[name] == nil then redis.call('HDEL', key, name) end
end
return 'OK'
