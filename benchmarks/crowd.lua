#!lua flags=allow-oom
-- Fills the waiting room with places alone, without the tickets that belong to them: so a million stand there in seconds.
--
--#keys desk
--#args first: number, places: json (as waiting_room.place has them)
--#include ../router/ticket.lua
for i, place in ipairs(places) do waiting_room.enter(desk, string.format('w%08d', first + i), place) end
return #places
