#!lua flags=allow-oom
-- Files one message: customer, ticket in its queue, article, thread keys, acknowledgement and feed, or nothing at all.
--
-- The caller has resolved who wrote and what the message joins, and has chosen all new ids. First everything it relied
-- on is checked again; if anything has changed since, the answer says so and nothing is written.
--
-- KEYS  1..11 see ticket.lua        16 customer HASH        21..29 the intake queue, all nine keys
--      12 filed records             17 articles ZSET        30..34 the outbox queue
--      13 filed ages                18 scopes ZSET          35 acknowledgement's article HASH
--      14 identities HASH           19 article HASH         36 acknowledgements HASH
--      15 threads HASH              20 counters HASH        37 unsent ZSET, 38 blob references, 39 condemned blobs,
--      then the HASH of every other customer who gets a proposal
-- ARGV  1 now, 2 plan (JSON, see router/filing_plan.py), 3 digest of the filing key,
--       4..7 lengths of the flat field lists of customer, ticket, article, acknowledgement, then the lists
-- Returns {FILED, ticket id, number}, {KNOWN, ticket id, article id}, {STALE}, {CONFLICT, what}, {CLOSED, ticket id}
--       or {BLOB_CONDEMNED, sha256}.
--#include ../queue/work.lua
--#include ../queue/feed.lua
--#include ../queue/dedup.lua
--#include ../queue/blob_reference.lua
--#include record.lua
--#include ticket.lua
--#include article.lua
local now, plan, digest = tonumber(ARGV[1]), cjson.decode(ARGV[2]), ARGV[3]
local intake = work_queue(21)

-- Where the first and the last argument of a field list stand: 1 customer, 2 ticket, 3 article, 4 acknowledgement.
local function list(which)
  local first = 8
  for i = 4, 2 + which do first = first + ARGV[i] end
  return first, first + ARGV[3 + which] - 1
end

local function settle()
  if plan.lane == nil then return end
  if plan.done then
    work_finish(intake, { KEYS[26], KEYS[27], KEYS[29] }, plan.lane, plan.sequence, plan.release)
  end
end

-- Checks. Nothing is written before the last of them.

if plan.lane and not work_holds(intake, plan.lane, plan.token) then return { 'STALE' } end
local known = redis.call('HGET', KEYS[12], digest)
if known then
  if plan.settle_known then settle() end
  return { 'KNOWN', string.sub(known, 1, 36), string.sub(known, 38) }
end
for key, expected in pairs(plan.identities) do
  if (redis.call('HGET', KEYS[14], key) or '') ~= expected then return { 'CONFLICT', key } end
end
for key, expected in pairs(plan.threads) do
  if (redis.call('HGET', KEYS[15], key) or '') ~= expected then return { 'CONFLICT', key } end
end
if (redis.call('HGET', KEYS[16], 'revision') or '0') ~= plan.customer_revision then return { 'CONFLICT', 'customer' } end
for i, other in ipairs(plan.others) do
  if redis.call('HGET', KEYS[39 + i], 'revision') ~= other.revision then return { 'CONFLICT', 'customer' } end
end
local ticket = ticket_load()
if plan.new == (ticket ~= nil) then return { 'CONFLICT', 'ticket' } end
if ticket and ticket_get(ticket, 'status') == 'closed' then return { 'CLOSED', plan.ticket } end
for _, sha in ipairs(plan.blobs) do
  if not blob_usable(KEYS[39], sha) then return { 'BLOB_CONDEMNED', sha } end
end

for _, sha in ipairs(plan.blobs) do blob_reference(KEYS[38], KEYS[39], sha, plan.article) end

-- The customer.

local first, last = list(1)
if last > first then redis.call('HSET', KEYS[16], unpack(ARGV, first, last)) end
for _, key in ipairs(plan.register_identities) do redis.call('HSET', KEYS[14], key, plan.customer) end
for i, other in ipairs(plan.others) do
  redis.call('HSET', KEYS[39 + i], 'links', other.links, 'revision', json_number(other.revision + 1))
end

-- The ticket.

local actor, woken = plan.actor, false
if plan.new then
  local number = 'T-' .. redis.call('HINCRBY', KEYS[20], 'ticket', 1)
  local fields = record_of(ARGV, list(2))
  fields.number = json_text(number)
  redis.call('HSET', KEYS[15], 'number:' .. number, plan.ticket)
  ticket = ticket_new(fields)
  ticket_wait(ticket)
  ticket_line(ticket, 'ticket.created', now, actor)
elseif plan.wakes and not is_active(ticket_get(ticket, 'status')) then
  local was = ticket_get(ticket, 'status')
  woken = true
  ticket_status(ticket, 'open', 'null', now)
  ticket_line(ticket, was == 'solved' and 'ticket.reopened' or 'ticket.status_changed', now, actor,
    ',"changes":{"status":[' .. json_text(was) .. ',"open"]}')
end
for _, key in ipairs(plan.register_threads) do redis.call('HSET', KEYS[15], key, plan.ticket) end
if not plan.new then
  for name, piece in pairs(record_of(ARGV, list(2))) do ticket_set(ticket, name, piece) end
end
for identity, assurance in pairs(plan.participants) do ticket_take_part(ticket, identity, assurance) end

-- At most so many acknowledgements an hour go to one address.

local function may_acknowledge()
  local hour = string.format('%.0f', math.floor(now / 3600000))
  if redis.call('HGET', KEYS[36], 'hour') ~= hour then
    redis.call('DEL', KEYS[36])
    redis.call('HSET', KEYS[36], 'hour', hour)
  end
  return redis.call('HINCRBY', KEYS[36], 'to:' .. plan.acknowledge.to, 1) <= plan.acknowledge.per_hour
end

-- The article.

local count = (ticket_get(ticket, '_articles') or 0) + 1
first, last = list(3)
redis.call('HSET', KEYS[19], unpack(ARGV, first, last))
local after = article_place(KEYS[17], KEYS[18], plan.scope, plan.order, plan.article, count)
ticket_set(ticket, '_articles', json_number(count))
ticket_set(ticket, 'last_message_at', json_number(now))
if plan.wakes and (woken or not ticket_get(ticket, '_awaits')) then ticket_set(ticket, '_awaits', json_number(now)) end
local acknowledges = plan.acknowledge and may_acknowledge()
local write = acknowledges and ticket_line or ticket_save
write(ticket, 'message.received', now, actor,
  ',"article":' .. record_json(record_of(ARGV, first, last)) .. (after and ',"after":' .. json_text(after) or ''))

if acknowledges then
  local fields, flat, number = record_of(ARGV, list(4)), {}, ticket_get(ticket, 'number')
  for name, piece in pairs(fields) do
    fields[name] = string.gsub(piece, '{{number}}', number)
    flat[#flat + 1] = name
    flat[#flat + 1] = fields[name]
  end
  redis.call('HSET', KEYS[35], unpack(flat))
  article_place(KEYS[17], KEYS[18], '', '', plan.acknowledge.article, count + 1)
  redis.call('HSETNX', KEYS[15], plan.acknowledge.thread, plan.ticket)
  redis.call('HSETNX', KEYS[15], 'sent:' .. plan.acknowledge.thread, plan.acknowledge.article)
  local sequence = work_push(work_queue(30), 'ticket:' .. plan.ticket,
    '{"article":' .. json_text(plan.acknowledge.article) .. ',"ticket":' .. json_text(plan.ticket) .. '}')
  redis.call('ZADD', KEYS[37], 0, plan.ticket .. '|' .. string.format('%016d', sequence))
  ticket_set(ticket, '_articles', json_number(count + 1))
  ticket_set(ticket, 'acknowledged', 'true')
  ticket_save(ticket, 'message.queued', now, 'system', ',"article":' .. record_json(fields))
end

-- What did not come through intake takes a number of it, so that its record grows old like all others.
local arrived = plan.intake_sequence > 0 and plan.intake_sequence or redis.call('HINCRBY', KEYS[24], 'seq', 1)
dedup_remember(KEYS[12], KEYS[13], digest, plan.ticket .. ':' .. plan.article, arrived)
settle()
return { 'FILED', plan.ticket, ticket_get(ticket, 'number') }
