-- Receipts of an answer that became several messages: what is told of one of them ends no answer of which more is to be
-- sent, and one that failed is not made good by another.
--
-- Kept in `_parts` of the article: partly (some have arrived, and others are not sent), told (number of a message -> true
-- when it arrived, though its answer stays as it is), failed (number of the one that did not arrive; 0: not known which).

local REACHED = { delivered = true, read = true }

local function parts_write(article, fields, parts)
  local kept = next(parts.told) or parts.partly or parts.failed
  if kept then
    redis.call('HSET', article, '_parts', cjson.encode(parts))
  elseif fields._parts then
    redis.call('HDEL', article, '_parts')
  end
end

local function parts_of(fields)
  local parts = json_value(fields._parts) or {}
  parts.told = parts.told or {}
  return parts
end

-- Whether a receipt of arrival tells of the whole answer.
local function parts_whole(parts, part, last)
  if parts.failed and parts.failed ~= part then return false end
  return last or (part == 0 and not parts.partly)
end

-- The words of a message that did not arrive, and of those that did; all of an answer in one message stay as they are.
local function parts_failure(parts, part, detail)
  if part == 0 and not parts.partly then return detail end
  local arrived = {}
  for number in pairs(parts.told) do
    if tonumber(number) ~= part then arrived[#arrived + 1] = tonumber(number) end
  end
  table.sort(arrived)
  local words = (part == 0 and 'one of its messages' or 'message ' .. part .. ' of it') .. ' did not arrive: ' .. detail
  if #arrived == 0 then return words end
  return words .. '; ' .. (#arrived == 1 and 'message ' or 'messages ') .. table.concat(arrived, ', ') .. ' did'
end
