#!lua
-- Stores one raw message, once; and, when it is a line of a conversation, appends it to the log in the same step.
--
-- KEYS  1..5 the intake queue, 6 dedup records, 7 dedup ages, 8 blob references, 9 condemned blobs,
--       10 log LIST and 11 tail STREAM for a line of a conversation
-- ARGV  1 digest of the dedup key, 2 digest of what a repeat says again or '', 3 raw id, 4 lane, 5 payload, 6 sha256 of its
--       blob or '', 7 conversation or '', 8 line, then the sha256 of every file that comes with it
-- Returns {'NEW', raw id, sequence, position}, {'KNOWN', id, sequence and position of the first}, {'CONFLICT', id of the
-- first} where that said something else, {'BLOB_CONDEMNED'} for its own blob or {'FILE_CONDEMNED', sha256} for a file. The
-- position is 0 where there is no log.
--#include work.lua
--#include dedup.lua
--#include blob_reference.lua
--#include log.lua
local known = redis.call('HGET', KEYS[6], ARGV[1])
if known then
  local sequence, position, said = string.match(string.sub(known, 38), '^(%d+):?(%d*)#?(.*)$')
  if said ~= '' and ARGV[2] ~= '' and said ~= ARGV[2] then return { 'CONFLICT', string.sub(known, 1, 36) } end
  return { 'KNOWN', string.sub(known, 1, 36), tonumber(sequence), tonumber(position) or 0 }
end
for i = 9, #ARGV do
  if not blob_usable(KEYS[9], ARGV[i]) then return { 'FILE_CONDEMNED', ARGV[i] } end
end
if ARGV[6] ~= '' and not blob_reference(KEYS[8], KEYS[9], ARGV[6], ARGV[3]) then
  return { 'BLOB_CONDEMNED' }
end
for i = 9, #ARGV do blob_reference(KEYS[8], KEYS[9], ARGV[i], ARGV[3]) end
local queue = work_queue(1)
local sequence, position = work_push(queue, ARGV[4], ARGV[5]), 0
local remembered = ARGV[3] .. ':' .. sequence
if ARGV[7] ~= '' then
  position = log_append(KEYS[10], KEYS[11], ARGV[7], ARGV[8])
  remembered = remembered .. ':' .. position
end
if ARGV[2] ~= '' then remembered = remembered .. '#' .. ARGV[2] end
dedup_remember(KEYS[6], KEYS[7], ARGV[1], remembered, sequence)
work_count(queue, 'received', ARGV[4])
redis.call('HSET', queue.state, 'last:' .. work_kind(ARGV[4]), ARGV[3])
return { 'NEW', ARGV[3], sequence, position }
