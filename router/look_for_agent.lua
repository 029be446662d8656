#!lua flags=no-writes
-- Whom a waiting ticket would get now, and what it can do without by now. Nothing is changed.
--
--#keys desk
--#args now: number, ticket
-- Returns {agent or '', JSON: how it waits, how many of `dropped` the router does without already}, or {} when it does not
-- wait. What follows these in `dropped` it still waits for: it has not been looked at since nobody on duty has that.
--#include find_agent.lua
local place = waiting_room.place(desk, ticket)
if not place then return {} end
local without = #place.dropped
drop_late(place, now)
drop_deserted(desk, place, now)
local _, found = find_for(desk, place, now)
return { found and found.agents[1].agent or '', cjson.encode(place), without }
