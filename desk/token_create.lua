#!lua
-- Makes a token known, under a name that no other has.
--
-- KEYS  1 tokens HASH digest -> JSON, 2 names HASH name -> digest
-- ARGV  1 name, 2 digest, 3 JSON
-- Returns OK or TAKEN.
if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2]) == 0 then return 'TAKEN' end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 'OK'
