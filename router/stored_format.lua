#!lua flags=allow-oom
-- Gives private fields of tickets their present names. Again it changes nothing.
--
--#keys tickets...: HASH
--#args before..., now... (names of fields, in step)
-- Returns how many fields were renamed.
local renamed = 0
for _, ticket in ipairs(tickets) do
  for i, name in ipairs(before) do
    local piece = redis.call('HGET', ticket, name)
    if piece then
      redis.call('HSETNX', ticket, now[i], piece)
      redis.call('HDEL', ticket, name)
      renamed = renamed + 1
    end
  end
end
return renamed
