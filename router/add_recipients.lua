#!lua flags=allow-oom
-- A copy of a filed message came to more of our addresses: adds them to its article and moves nothing.
--
-- KEYS  1..11 see ticket.lua, 12 article HASH
-- ARGV  1 now, then addresses
-- Returns how many were new.
--#include ../queue/work.lua
--#include ../queue/feed.lua
--#include record.lua
--#include ticket.lua
local article, ticket = record_load(KEYS[12]), ticket_load()
if not ticket or not article.recipients then return 0 end
local recipients, seen, added = json_value(article.recipients), {}, 0
for _, address in ipairs(recipients) do seen[address] = true end
for i = 2, #ARGV do
  if not seen[ARGV[i]] then
    recipients[#recipients + 1] = ARGV[i]
    added = added + 1
  end
end
if added > 0 then
  article.recipients = cjson.encode(recipients)
  redis.call('HSET', KEYS[12], 'recipients', article.recipients)
  ticket_save(ticket, 'message.updated', tonumber(ARGV[1]), 'system', ',"article":' .. record_json(article))
end
return added
