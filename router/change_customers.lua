#!lua
-- Changes records of customers, or nothing when one of them, or whose an identity is, has changed since it was read.
--
--#keys feed, clocks: work_queue, identities: HASH, directory: ZSET, customers...: HASH
--#args now: number, subject, sequence: number (of the lines of the feed), plan: json
--   plan: changes: one of each customer, as record_changes.py plans them; owners: {identity: record or ''};
--   register: {identity: record, or '' when it is nobody's any more}; events: {{kind, data}, …}
-- Returns OK or CONFLICT.
--#include customer.lua
if not customers_are_as_seen(customers, plan.changes) then return 'CONFLICT' end
if not identities_are_as_seen(identities, plan.owners) then return 'CONFLICT' end

customers_change(clocks, customers, directory, plan.changes)
identities_register(identities, plan.register)
customers_tell(feed, subject, sequence, plan.events, now)
return 'OK'
