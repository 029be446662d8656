#!lua flags=allow-oom
-- Changes what an alert says, while it waits as it was seen.
--
--#keys alerts: work_queue
--#args sequence: number, before, after (JSON)
-- Returns OK, or OTHERWISE when it has been sent.
--#include ../queue/work.lua
if redis.call('HGET', alerts.entries, sequence) ~= before then return 'OTHERWISE' end
redis.call('HSET', alerts.entries, sequence, after)
return 'OK'
