#!lua flags=allow-oom
-- Notes which triggers a cause fires, before they do anything: neither what they change nor a kill keeps one of them from it.
--
--#keys ticket: HASH
--#args firing (JSON, see Firing in private_fields.py)
-- Returns OK, or MISSING when there is no such ticket, or it was erased.
if redis.call('HEXISTS', ticket, 'id') == 0 or redis.call('HEXISTS', ticket, 'erased_at') == 1 then return 'MISSING' end
redis.call('HSET', ticket, '_firing', firing)
return 'OK'
