-- Watching an agent: whoever gives no sign of life for a time is taken for offline (signs_of_life.py).
--
-- Of an agent who is watched: .watched (page: their desk page gives the signs, and the settings say how long its silence
-- may last; span: whoever set them said so), .span (ms), .alive_at (the last sign), .watch (a number, which tells the event
-- of this watch from those before). Of all together: |faces.at and |faces.since, when a process that takes signs of life
-- was there last, and since when without a gap; while there is none, nobody is silent by their own fault.
--#include agent_change.lua
local FACES_MS = 30000 -- they say every 10 s that they are there

-- Whether the agent has a conversation in hand whose customer looks on; `live` are the channels that have such.
local function agent_has_live_work(desk, agent, live)
  for _, channel in ipairs(live) do
    if tonumber(agent_get(desk, agent, 'load:' .. channel) or 0) > 0 then return true end
  end
  return false
end

local function agent_look_later(desk, agent, watch, due)
  offers_push(desk, 'agent:' .. agent, string.format('{"event":"silent","agent":%s,"watch":%d}', json_text(agent), watch), due)
end

local function agent_watch(desk, agent, watched, span, now)
  local watch = redis.call('HINCRBY', desk.agents, agent .. '.watch', 1)
  redis.call('HSET', desk.agents, agent .. '.watched', watched, agent .. '.span', span, agent .. '.alive_at', now)
  agent_look_later(desk, agent, watch, now + span)
end

local function agent_unwatch(desk, agent)
  redis.call('HDEL', desk.agents, agent .. '.watched', agent .. '.span')
end
