-- What becomes of a ticket whose customer says that the matter is done, where its queue solves by that (filing_plan.py).

--#include case.lua

local confirmation = {} -- one local for all: an engine takes 200 in a script

-- What a message says of the matter (records.py, Settled). Thanks are for an answer after which nobody waits for another.
function confirmation.said(case, plan)
  local settled = plan.settled
  if not settled or not settled.thanks then return settled end
  local is_answered = case and ticket_get(case, 'first_response_at') and not ticket_get(case, '_customer_waits_since')
  return is_answered and settled or nil
end

-- Whether what its customer says of it can be done at once: it is theirs alone, and nothing of ours went astray.
function confirmation.may_solve(case, customer)
  return not is_finished(ticket_get(case, 'status')) and case_is_alone(case) and ticket_get(case, 'customer') == customer
    and not ticket_is_undelivered(case.stored)
end

-- It is solved as they say, and keeps what it was before, for whoever undoes it.
function confirmation.solve(case, settled, now)
  local was = ticket_get(case, 'status')
  settled.before = was
  ticket_status(case, 'solved', json_text(settled.resolution), now)
  ticket_offer_settled(case, cjson.encode(settled))
  ticket_line(case, 'ticket.status_changed', now, 'router', ',"changes":{"status":[' .. json_text(was)
    .. ',"solved"],"reason":"the customer ' .. (settled.thanks and 'answers with thanks alone' or settled.resolution == 'cancelled'
    and 'takes it back' or 'says that it is settled') .. '"}')
end

-- Somebody says that the matter is not done: what was solved by that is as it was. It was never solved, so nobody counts it
-- as opened again.
function confirmation.undo(case, before, now, actor)
  local reopened = case.stored.reopened
  ticket_status(case, before == 'new' and 'open' or before, 'null', now)
  ticket_set(case, 'reopened', reopened)
  ticket_line(case, 'ticket.status_changed', now, actor, ',"changes":{"status":["solved",' .. case.stored.status .. ']}')
end
