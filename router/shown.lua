-- What the channel shows of an answer whose fate is not known: the vendor's messages that say what parts of it say. They
-- prove that it was sent when all of it is shown; until then nobody relies on them.
--
-- Kept in `_shown` of the article: needed (how many parts there are), by (part -> key of the message in the threads).

-- Notes a message as the first of these parts that no other one is; returns whether there was one.
local function shown_note(shown, parts, key)
  for _, part in ipairs(parts) do
    if shown.by[part] == key then return true end
  end
  for _, part in ipairs(parts) do
    if not shown.by[part] then
      shown.by[part] = key
      return true
    end
  end
  return false
end

-- The keys of all messages that it became, when all of it is shown.
local function shown_whole(shown)
  local keys = {}
  for _, key in pairs(shown and shown.by or {}) do keys[#keys + 1] = key end
  return shown and #keys >= shown.needed and keys or nil
end
