#!lua
-- Adds one entry. KEYS: the queue (5). ARGV: lane, payload, due ms or ''. Returns the sequence.
--#include work.lua
local queue = work_queue(1)
if ARGV[3] == '' then
  return work_push(queue, ARGV[1], ARGV[2])
end
return work_push_later(queue, ARGV[1], ARGV[2], ARGV[3])
