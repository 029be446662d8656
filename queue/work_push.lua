#!lua
-- Adds one entry, now or for later.
--
--#keys queue: work_queue
--#args lane, payload, due?
-- Returns the sequence.
--#include work.lua
if due == '' then
  return work_push(queue, lane, payload)
end
return work_push_later(queue, lane, payload, due)
