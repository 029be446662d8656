-- How often something happens, as a count that halves: exact in expectation, lazy, in whole numbers.
--
-- A count grows by UNIT with each event and is halved when an epoch begins; epochs are multiples of EPOCH_MS, the same for
-- all, so counts compare without knowing the time. With a steady rate r the count is r x UNIT x rate_span. Stored as
-- `<count> <epoch>`: starts, arrivals|<priority>, demand|<token>; and target|<priority>, the mean target, ms.
local EPOCH_MS, UNIT, LARGEST = 1048576, 16, 1073741824

-- The time that a count stands for. Milliseconds.
local function rate_span(now)
  return EPOCH_MS + now % EPOCH_MS
end

-- What a stored count is now.
local function rate_at(stored, now)
  if not stored then return 0 end
  local count, epoch = string.match(stored, '^(%d+) (%d+)$')
  return math.floor(tonumber(count) / 2 ^ math.min(math.floor(now / EPOCH_MS) - tonumber(epoch), 40))
end

-- Counts one event of each of these names.
local function rates_add(rates, names, now)
  local words, epoch = {}, math.floor(now / EPOCH_MS)
  for i, stored in ipairs(redis.call('HMGET', rates, unpack(names))) do
    words[2 * i - 1] = names[i]
    words[2 * i] = string.format('%d %d', math.min(rate_at(stored, now) + UNIT, LARGEST), epoch)
  end
  redis.call('HSET', rates, unpack(words))
end

-- Learns from a ticket that wants an agent and did not before.
local function rates_arrival(rates, place, now)
  local names, target = { 'arrivals|' .. place.priority }, 'target|' .. place.priority
  for token in string.gmatch(place.tokens, '[^,]+') do names[#names + 1] = 'demand|' .. token end
  rates_add(rates, names, now)
  local known = tonumber(redis.call('HGET', rates, target) or 0)
  local mean = known > 0 and known + math.floor((place.target - known) / 16) or place.target
  redis.call('HSET', rates, target, string.format('%d', mean))
end
