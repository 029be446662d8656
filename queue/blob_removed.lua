#!lua flags=allow-oom
-- Forgets blobs whose files are gone. KEYS: condemned. ARGV: sha…
for _, sha in ipairs(ARGV) do
  redis.call('ZREM', KEYS[1], sha)
end
return #ARGV
