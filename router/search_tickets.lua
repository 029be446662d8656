#!lua flags=no-writes
-- Finds which tickets have some words: in their articles and in those of the tickets merged into them, else in what the ticket
-- itself says. A merged ticket is found as the one that stands for it, so it is passed over.
--
-- Of a text of the ticket itself that has letters beyond ASCII only the caller can tell, for it is not folded here.
--
--#keys tickets...: HASH (in the order of a list)
--#args most: number (bytes that are looked at; the ticket with which they are used up is looked through)
--#args ticket_head, article_head (what their keys begin with, within the same workspace), words... (folded)
-- Returns {how many tickets were looked at, {place of the ticket, for each word the article that has it or ''}...}.
local AT_ONCE, MOST = 500, 10000 -- of one ticket, the newest articles
local MOST_BYTES = 8000000 -- of one case, each counted once for every word that is looked for
local COST = 200 -- of reading one, in bytes
local find, sub, read = string.find, string.sub, 0

-- Fills in which articles of a ticket have which words; returns how many words are left.
local function look_at_articles(id, found, left, begun)
  if read - begun > MOST_BYTES then return left end
  local key = ticket_head .. id .. ':articles'
  for from = 0, MOST - 1, AT_ONCE do
    local members = redis.call('ZRANGE', key, from, from + AT_ONCE - 1, 'REV')
    for _, member in ipairs(members) do
      local article = sub(member, -36)
      local piece = redis.call('HGET', article_head .. article, '_words') or ''
      read = read + COST + #piece * left
      for i, word in ipairs(words) do
        if not found[i] and find(piece, word, 1, true) then found[i], left = article, left - 1 end
      end
      if left == 0 then return 0 end
    end
    if #members < AT_ONCE or read - begun > MOST_BYTES then return left end
  end
  return left
end

local function is_ascii(text)
  return not find(text, '[\128-\255]')
end

-- Most tickets have the subject of their first article, in which it was looked for already.
local function own_subject(id, subject)
  if is_ascii(subject) then return subject end
  local first = redis.call('ZRANGE', ticket_head .. id .. ':articles', 0, 0)[1]
  local known = first and redis.call('HGET', article_head .. sub(first, -36), 'subject') == subject
  return known and '' or subject
end

-- What the ticket says of itself may have the words that no article has.
local function may_have(own, found)
  if not is_ascii(own) then return true end
  own = string.lower(string.gsub(own, '\\/', '/'))
  for i, word in ipairs(words) do
    if not found[i] and not find(own, word, 1, true) then return false end
  end
  return true
end

local OWN = { 'number', 'reference', 'tags', 'fields', 'subject' }

local function look_into(key)
  local stored = redis.call('HMGET', key, 'id', 'merged_into', 'merged', unpack(OWN))
  if not stored[1] or (stored[2] and stored[2] ~= 'null') then return nil end
  local id, found, own, begun = sub(stored[1], 2, -2), {}, {}, read
  read = read + COST
  local left = look_at_articles(id, found, #words, begun)
  if left == 0 then return found end
  for i = 4, 7 do own[#own + 1] = stored[i] or '' end
  own[#own + 1] = own_subject(id, stored[8] or '')
  for _, other in ipairs(stored[3] and cjson.decode(stored[3]) or {}) do
    left = look_at_articles(other, found, left, begun)
    if left == 0 then return found end
    local pieces = redis.call('HMGET', ticket_head .. other, unpack(OWN))
    for i = 1, 5 do own[#own + 1] = pieces[i] or '' end
  end
  return may_have(table.concat(own, ' '), found) and found or nil
end

local hits, looked = {}, 0
for place, key in ipairs(tickets) do
  local found = look_into(key)
  if found then
    local hit = { place }
    for i in ipairs(words) do hit[i + 1] = found[i] or '' end
    hits[#hits + 1] = hit
  end
  looked = place
  if read >= most then break end
end
return { looked, unpack(hits) }
