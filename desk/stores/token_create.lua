#!lua
-- Makes a token known, under a name that no other has.
--
--#keys tokens
--#args name, digest, record (JSON)
-- Returns OK or TAKEN.
--#include tokens.lua
if redis.call('HSETNX', tokens.names, name, digest) == 0 then return 'TAKEN' end
redis.call('HSET', tokens.records, digest, record)
return 'OK'
