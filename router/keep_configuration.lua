#!lua flags=allow-oom
-- Keeps a configuration under its version, and from when on it is in force; see kept_configurations.py.
--
--#keys texts: HASH (version -> the configuration, packed), times: LIST (<ms, 16 digits> <version>, the oldest first)
--#args now: number, version, text, most: number (changes that are kept; of older ones the configurations go)
-- Returns 1, or 0 when it is in force already.
local newest = redis.call('LINDEX', times, -1)
if newest and string.sub(newest, 18) == version then return 0 end
redis.call('HSET', texts, version, text)
redis.call('RPUSH', times, string.format('%016.0f', now) .. ' ' .. version)
local gone, used = {}, {}
for _ = 1, redis.call('LLEN', times) - most do gone[#gone + 1] = string.sub(redis.call('LPOP', times), 18) end
if #gone == 0 then return 1 end
for _, line in ipairs(redis.call('LRANGE', times, 0, -1)) do used[string.sub(line, 18)] = true end
for _, each in ipairs(gone) do
  if not used[each] then redis.call('HDEL', texts, each) end
end
return 1
