#!lua
-- Stores one raw message, once.
--
-- KEYS: the intake queue (5), dedup records, dedup ages, blob references, condemned blobs
-- ARGV: digest of the dedup key, raw id, lane, payload, sha256 of its blob or ''
-- Returns {'NEW', raw id, sequence}, {'KNOWN', id of the first, sequence of the first} or {'BLOB_CONDEMNED'}.
--#include work.lua
--#include dedup.lua
--#include blob_reference.lua
local known = redis.call('HGET', KEYS[6], ARGV[1])
if known then
  return { 'KNOWN', string.sub(known, 1, 36), tonumber(string.sub(known, 38)) }
end
if ARGV[5] ~= '' and not blob_reference(KEYS[8], KEYS[9], ARGV[5], ARGV[2]) then
  return { 'BLOB_CONDEMNED' }
end
local sequence = work_push(work_queue(1), ARGV[3], ARGV[4])
dedup_remember(KEYS[6], KEYS[7], ARGV[1], ARGV[2] .. ':' .. sequence, sequence)
return { 'NEW', ARGV[2], sequence }
