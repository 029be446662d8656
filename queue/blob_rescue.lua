#!lua flags=allow-oom
-- Asked before blobs are written: lifts their condemnation. KEYS: condemned. ARGV: sha…
-- Returns how many are being removed at this moment, which cannot be lifted; then none was.
for _, sha in ipairs(ARGV) do
  if tonumber(redis.call('ZSCORE', KEYS[1], sha) or 0) < 0 then
    return 1
  end
end
for _, sha in ipairs(ARGV) do
  redis.call('ZREM', KEYS[1], sha)
end
return 0
