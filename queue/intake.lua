#!lua
-- Stores one raw message, once; and, when it is a line of a conversation, appends it to the log in the same step.
--
--#keys queue: work_queue, register: dedup_register, blobs, log?: conversation_log (of a line of a conversation)
--#args digest (of the dedup key), says? (digest of what a repeat says again), id, lane, payload
--#args blob? (its sha256), conversation?, line?, files... (the sha256 of every file that comes with it)
-- Returns {'NEW', raw id, sequence, position}, {'KNOWN', id, sequence and position of the first}, {'CONFLICT', id of the
-- first} where that said something else, {'BLOB_CONDEMNED'} for its own blob or {'FILE_CONDEMNED', sha256} for a file. The
-- position is 0 where there is no log.
--#include work.lua
--#include dedup.lua
--#include blob_reference.lua
--#include log.lua
local known = redis.call('HGET', register.records, digest)
if known then
  local sequence, position, said = string.match(string.sub(known, 38), '^(%d+):?(%d*)#?(.*)$')
  if said ~= '' and says ~= '' and said ~= says then return { 'CONFLICT', string.sub(known, 1, 36) } end
  return { 'KNOWN', string.sub(known, 1, 36), tonumber(sequence), tonumber(position) or 0 }
end
for _, sha in ipairs(files) do
  if not blob_usable(blobs, sha) then return { 'FILE_CONDEMNED', sha } end
end
if blob ~= '' and not blob_reference(blobs, blob, id) then
  return { 'BLOB_CONDEMNED' }
end
for _, sha in ipairs(files) do blob_reference(blobs, sha, id) end
local sequence, position = work_push(queue, lane, payload), 0
local remembered = id .. ':' .. sequence
if log then
  position = log_append(log, conversation, line)
  remembered = remembered .. ':' .. position
end
if says ~= '' then remembered = remembered .. '#' .. says end
dedup_remember(register, digest, remembered, sequence)
work_count(queue, 'received', lane)
redis.call('HSET', queue.state, 'last:' .. work_kind(lane), id)
return { 'NEW', id, sequence, position }
