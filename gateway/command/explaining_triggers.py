"""What `trunkline explain` says of triggers: for what each fired last, when its time comes, how its condition stands.

Conditions are tried on the ticket as it is now, with the words that the customer wrote last.
"""

from collections.abc import Iterator, Sequence

from ...config.errors import NotFound
from ...desk.views.times import moment
from ...queue.connection import Engine
from ...router.customer_history import CustomerHistories
from ...router.facts import Facts, History
from ...router.policy import Policy
from ...router.reader import Reader
from ...router.records import Article, Ticket
from ...router.stored_ticket import StoredTicket
from ...router.ticket_facts import facts_of_ticket
from ...router.trigger_set import Trigger
from .condition_lines import condition_lines


async def trigger_lines(
    engine: Engine, reader: Reader, policy: Policy, stored: StoredTicket, articles: Sequence[Article], now: int
) -> list[str]:
    """A line for each trigger, with its condition below; nothing where there is none."""
    triggers = policy.triggers
    if not triggers.all or stored.record.erased_at is not None:
        return []
    facts = await _facts(engine, reader, policy, stored, articles, now)
    lines = ["Triggers, as the ticket is now:"]
    for trigger in triggers.all.values():
        mark = "yes" if triggers.holds(trigger, facts) else "no "
        lines.append(f"  {mark} {trigger.name}: {', '.join(_told(trigger, stored))}")
        trace = triggers.trace(trigger, facts)
        lines += condition_lines(trace, "      ") if trace else ()
    return lines


async def _facts(
    engine: Engine, reader: Reader, policy: Policy, stored: StoredTicket, articles: Sequence[Article], now: int
) -> Facts:
    try:
        customer = await reader.customer(stored.record.customer) if stored.record.customer else None
    except NotFound:
        customer = None
    history = await CustomerHistories(engine).of(customer) if policy.triggers.asks_for_history else History()
    written = next((each for each in reversed(articles) if each.author.kind == "customer"), None)
    return facts_of_ticket(stored, written, customer, history, by="router", now=now)


def _told(trigger: Trigger, stored: StoredTicket) -> Iterator[str]:
    """What it waits for, and what has come of it."""
    fired = stored.work.fired.get(trigger.name)
    if trigger.settings.event is not None:
        yield f"on {', '.join(trigger.settings.event)}"
        yield f"fired last for {fired} of the feed" if fired else "has not fired"
        return
    yield from _timed(trigger, stored.record, fired)


def _timed(trigger: Trigger, ticket: Ticket, fired: str | None) -> Iterator[str]:
    since = ticket.status_since or ticket.created_at
    if not trigger.is_timed_in(ticket.status):
        yield f"waits in {', '.join(trigger.settings.in_ or ())}, and it is {ticket.status}"
        return
    yield f"{ticket.status} since {moment(since)} UTC"
    yield "has fired" if fired == f"since {since}" else f"due {moment(since + trigger.after_ms)} UTC"
