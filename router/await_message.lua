#!lua flags=allow-oom
-- A change has come before the message that it is of: its entry waits in the intake queue until that is filed, which wakes
-- it (awaited.lua), and is looked at when it is due, because an answer of ours is not filed.
--
--#keys intake: work_queue, settling: work_settling (of intake), register: dedup_register (of what is filed)
--#keys awaited: dedup_register (message -> numbers of entries, in JSON)
--#args lane, token, sequence: number, release: flag, now: number, due: number, cause
--#args most: number (entries that are woken for one message), messages... (digests of their filing keys)
-- Returns OK, STALE, or FILED when one of them has come meanwhile.
--#include awaited.lua
--#include ../queue/work_again.lua
if not work_holds(intake, lane, token) then return 'STALE' end
for _, message in ipairs(messages) do
  if redis.call('HEXISTS', register.records, message) == 1 then return 'FILED' end
end
for _, message in ipairs(messages) do
  local waiting, known = cjson.decode(redis.call('HGET', awaited.records, message) or '[]'), false
  for _, each in ipairs(waiting) do known = known or each == sequence end
  if not known and #waiting < most then
    waiting[#waiting + 1] = sequence
    dedup_remember(awaited, message, cjson.encode(waiting), redis.call('HGET', intake.state, 'seq') or 0)
  end
end
work_again(intake, settling, lane, sequence, due, cause, now)
redis.call('HINCRBY', settling.attempts, sequence, 1)
if release then work_release(intake, settling, lane) end
return 'OK'
