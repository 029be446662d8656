-- What was seen when a decision was taken, for its record: pieces of JSON with a comma before each.

local function seen_list(name, list, to_json)
  local pieces = {}
  for i, each in ipairs(list) do pieces[i] = to_json(each) end
  return ',"' .. name .. '":[' .. table.concat(pieces, ',') .. ']'
end
