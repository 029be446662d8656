#!lua flags=allow-oom
-- Takes a logout token of the identity provider, once: the sign-ins that it names hold no more if they began before now.
--
--#keys token: STRING (when it was taken), ended...: STRING (when)
--#args now: number, remembered: number (ms), longest: number (ms that a sign-in can last)
-- Returns OK, or SEEN for a token that was taken before.
if not redis.call('SET', token, string.format('%.0f', now), 'NX', 'PX', string.format('%.0f', remembered)) then return 'SEEN' end
for _, name in ipairs(ended) do
  redis.call('SET', name, string.format('%.0f', now), 'PX', string.format('%.0f', longest))
end
return 'OK'
