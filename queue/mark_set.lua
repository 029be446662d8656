#!lua flags=allow-oom
-- Remembers by which settings something was done for all. A full engine takes it: it is a line, and a start waits for it.
--
--#keys mark: STRING
--#args by
redis.call('SET', mark, by)
