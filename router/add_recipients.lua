#!lua flags=allow-oom
-- A copy of a filed message came to more of our addresses: adds them to its article and moves nothing.
--
--#keys ticket: HASH, desk, article: HASH
--#args now: number, addresses...
-- Returns how many were new, or -1 when the article was split off into another ticket.
--#include ticket.lua
local fields, ticket = record_load(article), ticket_load(desk, ticket)
if not ticket or not fields.recipients then return 0 end
if json_value(fields.ticket) ~= ticket_get(ticket, 'id') then return -1 end
local recipients, seen, added = json_value(fields.recipients), {}, 0
for _, address in ipairs(recipients) do seen[address] = true end
for _, address in ipairs(addresses) do
  if not seen[address] then
    recipients[#recipients + 1] = address
    added = added + 1
  end
end
if added > 0 then
  fields.recipients = cjson.encode(recipients)
  redis.call('HSET', article, 'recipients', fields.recipients)
  ticket_save(ticket, 'message.updated', now, 'system', ',"article":' .. record_json(fields))
end
return added
