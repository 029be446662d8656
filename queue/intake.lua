#!lua
-- Stores one raw message, once; and, when it is a line of a conversation, appends it to the log in the same step.
--
-- KEYS  1..5 the intake queue, 6 dedup records, 7 dedup ages, 8 blob references, 9 condemned blobs,
--       10 log LIST and 11 tail STREAM for a line of a conversation
-- ARGV  1 digest of the dedup key, 2 raw id, 3 lane, 4 payload, 5 sha256 of its blob or '', 6 conversation or '', 7 line,
--       then the sha256 of every file that comes with it
-- Returns {'NEW', raw id, sequence, position}, {'KNOWN', id, sequence and position of the first}, {'BLOB_CONDEMNED'} for
-- its own blob or {'FILE_CONDEMNED', sha256} for a file. The position is 0 where there is no log.
--#include work.lua
--#include dedup.lua
--#include blob_reference.lua
--#include log.lua
local known = redis.call('HGET', KEYS[6], ARGV[1])
if known then
  local sequence, position = string.match(string.sub(known, 38), '^(%d+):?(%d*)$')
  return { 'KNOWN', string.sub(known, 1, 36), tonumber(sequence), tonumber(position) or 0 }
end
for i = 8, #ARGV do
  if not blob_usable(KEYS[9], ARGV[i]) then return { 'FILE_CONDEMNED', ARGV[i] } end
end
if ARGV[5] ~= '' and not blob_reference(KEYS[8], KEYS[9], ARGV[5], ARGV[2]) then
  return { 'BLOB_CONDEMNED' }
end
for i = 8, #ARGV do blob_reference(KEYS[8], KEYS[9], ARGV[i], ARGV[2]) end
local queue = work_queue(1)
local sequence, position = work_push(queue, ARGV[3], ARGV[4]), 0
local remembered = ARGV[2] .. ':' .. sequence
if ARGV[6] ~= '' then
  position = log_append(KEYS[10], KEYS[11], ARGV[6], ARGV[7])
  remembered = remembered .. ':' .. position
end
dedup_remember(KEYS[6], KEYS[7], ARGV[1], remembered, sequence)
work_count(queue, 'received', ARGV[3])
redis.call('HSET', queue.state, 'last:' .. work_kind(ARGV[3]), ARGV[2])
return { 'NEW', ARGV[2], sequence, position }
