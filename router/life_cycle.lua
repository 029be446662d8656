-- What a status means for whoever has the ticket; life_cycle.py reads these tables.
--
--#names active: new, open (it needs an agent, or has one who works on it)
--#names finished: solved, closed
local function is_active(status)
  return active[status] or false
end

local function is_finished(status)
  return finished[status] or false
end
