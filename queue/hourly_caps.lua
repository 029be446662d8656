-- How often something was asked for in this hour, under each name that it counts under. `counts` is a HASH.

-- The seconds until the hour is over when one of these has been asked for as often as it may; nil while there is room.
local function hourly_wait(counts, caps, now)
  if redis.call('HGET', counts, 'hour') ~= string.format('%.0f', math.floor(now / 3600000)) then return nil end
  for counted, most in pairs(caps) do
    if tonumber(redis.call('HGET', counts, counted) or '0') >= most then
      return math.ceil((3600000 - now % 3600000) / 1000)
    end
  end
end

local function hourly_count(counts, caps, now)
  local hour = string.format('%.0f', math.floor(now / 3600000))
  if redis.call('HGET', counts, 'hour') ~= hour then
    redis.call('DEL', counts)
    redis.call('HSET', counts, 'hour', hour)
  end
  for counted in pairs(caps) do redis.call('HINCRBY', counts, counted, 1) end
end
