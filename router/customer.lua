-- Records of customers: whether they are as they were seen, and what changes on them, with their terms in the directory
-- (router/record_changes.py, router/customer_terms.py).
--#include ../queue/feed.lua
--#include ../queue/work.lua
--#include record.lua

local function customers_are_as_seen(keys, changes)
  for i, change in ipairs(changes) do
    if (redis.call('HGET', keys[i], 'revision') or '0') ~= change.revision then return false end
  end
  return true
end

local customers_change
do
  -- What promises ask of a customer (agreed.py): what runs for one of whom it has changed is reckoned anew (clock_events.py).
  local function customers_promised(clocks, change)
    local fields = change.fields
    if change.revision ~= '0' and (fields.segment or fields.fields or fields.records) then
      work_push(clocks, 'customer:' .. change.customer, '{"event":"customer","customer":' .. json_text(change.customer) .. '}')
    end
  end

  function customers_change(clocks, keys, terms, changes)
    for i, change in ipairs(changes) do
      record_change(keys[i], change.fields)
      customers_promised(clocks, change)
      for _, term in ipairs(change.unlisted) do redis.call('ZREM', terms, term) end
      for _, term in ipairs(change.listed) do redis.call('ZADD', terms, 0, term) end
    end
  end
end

-- Whether each identity still belongs to the record that it was seen with; '' for none.
local function identities_are_as_seen(hash, owners)
  for identity, owner in pairs(owners) do
    if (redis.call('HGET', hash, identity) or '') ~= owner then return false end
  end
  return true
end

-- Whose identities and ids in other systems are from now on; '' is nobody.
local function identities_register(hash, owners)
  for identity, owner in pairs(owners) do
    if owner == '' then
      redis.call('HDEL', hash, identity)
    else
      redis.call('HSET', hash, identity, owner)
    end
  end
end

local function customers_tell(lines, record, revision, events, at)
  for _, event in ipairs(events) do feed_append(lines, event.kind, record, revision, at, event.data) end
end
