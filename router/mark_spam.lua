#!lua flags=allow-oom
-- Closes a ticket as spam, or makes it what it was before, because it was none.
--
--#keys ticket: HASH, desk
--#args now: number, actor, spam: flag
-- Returns OK, MISSING, CLOSED (it ended otherwise) or MERGED (another ticket stands for it).
--#include ticket.lua
local ticket = ticket_load(desk, ticket)
if not ticket then return 'MISSING' end
local status, is_spam = ticket_get(ticket, 'status'), ticket_get(ticket, 'resolution') == 'spam'
if ticket_get(ticket, 'merged_into') then return 'MERGED' end
if status == 'closed' and not is_spam then return 'CLOSED' end
if is_spam == spam then return 'OK' end
if not spam and ticket_get(ticket, 'erased_at') and not ticket_get(ticket, '_before_spam') then return 'CLOSED' end

local after, resolution = 'closed', '"spam"'
if spam then
  ticket_set(ticket, '_before_spam', cjson.encode({ status = status, resolution = ticket_get(ticket, 'resolution') }))
else
  local before = ticket_get(ticket, '_before_spam') or {}
  after, resolution = before.status or 'open', before.resolution and json_text(before.resolution) or 'null'
  ticket_set(ticket, '_before_spam', 'null')
end
ticket_status(ticket, after, resolution, now)
ticket_save(ticket, spam and 'ticket.closed' or 'ticket.status_changed', now, actor,
  ',"changes":{"status":[' .. json_text(status) .. ',' .. json_text(after) .. '],"spam":[' .. tostring(is_spam) .. ',' .. tostring(spam) .. ']}')
return 'OK'
