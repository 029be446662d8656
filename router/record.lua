-- Records are hashes whose every value is a piece of JSON, so a record becomes JSON by joining, without decoding.
-- Fields that begin with an underscore are ours alone: they appear neither in the feed nor in the API.

local function json_text(text)
  return cjson.encode(text)
end

local function json_number(number)
  return string.format('%d', number)
end

local function json_value(piece)
  if piece == nil or piece == false or piece == 'null' then return nil end
  return cjson.decode(piece)
end

-- The fields without the braces; `without` names fields to leave out.
local function record_fields(fields, without)
  local pieces = {}
  for name, piece in pairs(fields) do
    if string.byte(name) ~= 95 and not (without and without[name]) then
      pieces[#pieces + 1] = '"' .. name .. '":' .. piece
    end
  end
  return table.concat(pieces, ',')
end

local function record_json(fields)
  return '{' .. record_fields(fields) .. '}'
end

-- The record of a flat list of names and pieces.
local function record_of(flat)
  local fields = {}
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  return fields
end

local function record_load(key)
  return record_of(redis.call('HGETALL', key))
end

local function record_change(key, fields)
  local flat = {}
  for name, piece in pairs(fields) do
    flat[#flat + 1] = name
    flat[#flat + 1] = piece
  end
  if #flat > 0 then redis.call('HSET', key, unpack(flat)) end
end
