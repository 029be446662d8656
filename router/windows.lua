-- What is counted within an hour or a day: a hash that is emptied when the next one begins.
local HOUR, DAY = 3600000, 86400000

local window_count, window_add
do
  local function window_of(length, now) return string.format('%.0f', math.floor(now / length)) end

  function window_count(counts, length, name, now)
    if redis.call('HGET', counts, 'window') ~= window_of(length, now) then return 0 end
    return tonumber(redis.call('HGET', counts, name) or 0)
  end

  function window_add(counts, length, name, now)
    local window = window_of(length, now)
    if redis.call('HGET', counts, 'window') ~= window then
      redis.call('UNLINK', counts)
      redis.call('HSET', counts, 'window', window)
    end
    redis.call('HINCRBY', counts, name, 1)
  end
end
