#!lua flags=allow-oom
-- Adds one entry, now or for later. A full engine takes it: what comes from outside is pushed by other scripts, and this
-- is work that follows from what was accepted.
--
--#keys queue: work_queue
--#args lane, payload, due?
-- Returns the sequence.
--#include work.lua
if due == '' then
  return work_push(queue, lane, payload)
end
return work_push_later(queue, lane, payload, due)
