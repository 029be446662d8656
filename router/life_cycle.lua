-- The statuses in which a ticket needs an agent, or has one who works on it; ACTIVE of life_cycle.py.
local function is_active(status)
  return status == 'new' or status == 'open'
end
