#!lua flags=allow-oom
-- A waiting ticket looks for an agent: when it begins to wait, and when a time has come for it (docs/decisions/0029).
--
--#keys ticket: HASH, desk, decisions: LIST, settling: work_settling (of the offers)
--#args now: number, cause, why (waiting, hold, overflow, overdue, ask_again or again), asked_for?: number (when this was to be)
--#args lane? (of the event that this step completes, if it does), token?, sequence?: number, release: flag
-- Returns {OFFERED, agent}, {WAITS}, {NOTHING} when it does not wait, or {STALE}.
--#include bind_ticket.lua
local ASK_AGAIN = 300000 -- ms; where the queue does not say when a ticket that all have declined is offered anew

local function complete(answer)
  if lane ~= '' then work_finish(desk.offers, settling, lane, sequence, release) end
  return answer
end

if lane ~= '' and not work_holds(desk.offers, lane, token) then return { 'STALE' } end
local ticket = ticket_load(desk, ticket)
local id = ticket and ticket_get(ticket, 'id')
local place = ticket and ticket.waited and waiting_room.place(desk, id)

local function later(event, due)
  ticket_asks_later(desk, id, event, due)
end

-- When everybody is asked anew who had declined it by then.
local function ask_again_at(since)
  return since + ((ticket_settings(ticket)).ask_again_ms or ASK_AGAIN)
end

-- Whether that has come; if not, it looks once more.
local function is_asked_again(since)
  if not since then return false end
  local at = ask_again_at(since)
  if at > now then later('ask_again', at) end
  return at <= now
end

-- Somebody is asked at the moment, and when they do not want it either, the others may be asked again.
local routed = ticket and not place and why == 'ask_again' and ticket_get(ticket, '_routing')
if routed and is_asked_again(routed.asked_all_at) then
  waiting_room.forgive(ticket)
  ticket_store(ticket)
end
if not place then return complete({ 'NOTHING' }) end
if asked_for and asked_for > now then -- the clock of whoever found it due was ahead of ours, or was set back
  later(why, asked_for)
  return complete({ 'WAITS' })
end

local function same_wishes(some, others)
  for i, each in ipairs(some) do
    if not others[i] or each.token ~= others[i].token or each.after ~= others[i].after then return false end
  end
  return #some == #others
end

-- The configuration has other words on what is only wished for.
local function wish_anew(optional)
  waiting_room.remove(desk, id, place)
  place.optional, place.dropped = optional, waiting_room.still_dropped(optional, place.dropped)
  place.relaxed = waiting_room.relaxed(place, now)
  waiting_room.enter(desk, id, place)
  if not place.fresh then time_wishes(desk, id, place, now) end
end

local function worth_holding()
  local view = previous_view(desk, place)
  return view and free_agents.offerable(view, now) and free_agents.could_ever(view, place)
end

-- It gets an agent and stands in the room no more.
local function bound(way, found)
  local view = found.agents[1].view
  begin(desk, id, place, now)
  waiting_room.remove(desk, id, place)
  ticket_left_room(ticket, place, now)
  bind(ticket, place, view, decisions, seen_agents(way, found), cause, now)
  return complete({ 'OFFERED', view.id })
end

local optional = why == 'overflow' and select(2, ticket_tokens(ticket, (ticket_settings(ticket))))
if optional and not same_wishes(optional, place.optional) then
  wish_anew(optional)
elseif optional then -- as second-choice work alone: one token more may be lacking
  local relaxed = waiting_room.relaxed(place, now)
  if relaxed <= place.relaxed then return complete({ 'WAITS' }) end
  place.relaxed = relaxed
  if place.state == 'waiting' then
    local found = find_agent(desk, place, waiting_room.signature(place, relaxed), now)
    if found then return bound('overflow', found) end
    waiting_room.overflow(desk, id, place)
  end
  waiting_room.store(desk, id, place)
  return complete({ 'WAITS' })
end

if why == 'hold' and not (place.state == 'held' and place.held_until <= now) then return complete({ 'WAITS' }) end
if why == 'ask_again' then
  if not is_asked_again(place.asked_all_at) then return complete({ 'WAITS' }) end
  waiting_room.remove(desk, id, place)
  ticket_set(ticket, '_excluded', '{}')
  place.excluded, place.asked_all_at, place.facts = {}, nil, waiting_facts(ticket)
  waiting_room.enter(desk, id, place)
  ticket_store(ticket)
end

local fresh, state, dropped = place.fresh, 'waiting', #place.dropped
begin(desk, id, place, now)
drop_late(place, now)
if select(2, drop_deserted(desk, place, now)) then
  for _, each in ipairs(place.optional) do look_when_all_are_known(desk, each.token) end
end
local way, found = find_for(desk, place, now)
local till = now + math.min(place.hold, math.floor((place.aim - now) / 4))
if way == 'own' and fresh and till > now and worth_holding() then
  state, place.held_until = 'held', till
  later('hold', till)
elseif found then
  return bound(way, found)
end

if place.previous or state ~= place.state or #place.dropped ~= dropped then
  waiting_room.remove(desk, id, place)
  place.state = state
  waiting_room.enter(desk, id, place)
end
local asked_all = state == 'waiting' and next(place.excluded) and not somebody_on_duty(desk, place.signature, place)
if asked_all and not place.asked_all_at then
  place.asked_all_at = now
  later('ask_again', ask_again_at(now))
elseif state == 'waiting' and next(place.excluded) and not place.asked_all_at and (place.looks_at or 0) <= now then
  place.looks_at = ask_again_at(now) -- whoever could still be asked may have gone by then
  later('again', place.looks_at)
end
ticket_declined_by_all(ticket, asked_all and somebody_on_duty(desk, place.signature) or false)
ticket_index(ticket)
ticket_store(ticket)
waiting_room.store(desk, id, place)
return complete({ 'WAITS' })
