"""The runner: fires triggers, on what happened to a ticket and when a status has lasted, and follows what they change.

An entry of the queue `rules` is one event of a ticket, or one time that has come. A trigger fires once for a ticket and
a cause (the line of the feed, or the moment from which the time counts), whatever is killed: which fire is written
down before they do, so that what they change keeps none of them from it; every step has a key of the cause, and that
it fired is noted with the ticket afterwards, in the script that also lays by whom it tells. What a
trigger changes may fire others, in the same entry, up to `DEPTH` times one after another and `MOST` in all; none fires
twice for one cause, so rules that would go round in circles are cut there, and the history names them. What rules did
is no event of its own.

Times: an entry that waits holds the moment from which its time counts, as a token: when the status has changed since,
or was answered in anew, it does nothing. It means the trigger of its name as the configuration has it then: one that is
gone does nothing, one that now waits longer is laid by again, and one that is new or waits shorter is found by the
sweep (rule_times.py).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..config.errors import NotFound
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script
from ..queue.work import Entry, WorkQueue
from .automatic_reply import AutomaticReplies
from .customer_history import CustomerHistories
from .facts import Facts, History
from .policy import CurrentPolicy
from .private_fields import Firing
from .reader import Reader
from .records import Customer, Ticket, json_bytes
from .rule_history import RuleHistory
from .stored_ticket import StoredTicket
from .ticket_facts import facts_of_ticket, kind_of
from .ticket_keys import TicketKeys
from .ticket_steps import Taker, TicketSteps
from .trigger_set import Trigger

DEPTH = 4
MOST = 20

_CHANGED = ("priority", "impact", "urgency", "tags", "language", "fields", "required_skills", "preferred_skills")
_BEGUN = Script.beside(__file__, "rule_begun.lua")


class RuleRunner:
    """The handler of the queue `rules`."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        policy: CurrentPolicy,
        steps: TicketSteps,
        reader: Reader,
        replies: AutomaticReplies,
    ) -> None:
        self.queue = WorkQueue(engine, "rules")
        self._engine = engine
        self._keys = TicketKeys(engine)
        self._clock = clock
        self._policy = policy
        self._steps = steps
        self._reader = reader
        self._replies = replies
        self._told = RuleHistory(engine, clock)
        self._histories = CustomerHistories(engine)

    async def handle(self, entry: Entry) -> bool:
        """Fire what the entry means; it is finished in any case. Raises EngineUnavailable."""
        order = json.loads(entry.payload)
        try:
            stored = await self._reader.ticket(order["ticket"])
        except NotFound:
            return False
        if stored.record.merged_into or stored.record.erased_at:
            return False
        if "rule" in order:
            await self._time(stored, order)
        else:
            await self._events(stored, order)
        return False

    async def _time(self, stored: StoredTicket, order: Mapping[str, Any]) -> None:
        ticket, triggers = stored.record, self._policy().triggers
        trigger, since = triggers.all.get(order["rule"]), int(order["since"])
        if trigger is None:
            return
        cause, entry = f"since {since}", f"{trigger.name} since {since}"
        facts = await self._facts(stored, "", "router")
        if not _has_begun(stored, entry):
            if not trigger.is_timed_in(ticket.status) or since != _since(ticket):
                return
            if since + trigger.after_ms > self._clock.now():
                await self.queue.push(f"ticket:{ticket.id}", json_bytes(order), due=since + trigger.after_ms)
                return
            if stored.work.fired.get(trigger.name) == cause or not triggers.holds(trigger, facts):
                return
        await self._run(stored, [trigger], facts, cause, entry)

    async def _events(self, stored: StoredTicket, order: Mapping[str, Any]) -> None:
        cause = f"line {order['cause']}"
        facts = await self._facts(stored, order["article"], kind_of(order["actor"]))
        due = [] if _has_begun(stored, cause) else self._policy().triggers.matching(order["events"], facts)
        await self._run(stored, due[:MOST], facts, cause, cause)

    async def _run(self, stored: StoredTicket, due: Sequence[Trigger], facts: Facts, cause: str, entry: str) -> None:
        """Fire these, or those with which it was begun before, and what follows."""
        firing = stored.work.firing if _has_begun(stored, entry) else None
        if firing is None:
            if not due:
                return
            firing = Firing(entry=entry, triggers=tuple(each.name for each in due), before=_compared(stored.record))
            await self._begin(stored.record.id, firing)
        for name in firing.triggers:
            if trigger := self._policy().triggers.all.get(name):
                await self._fire(stored, trigger, facts, cause)
        await self._follow(stored.record, firing, cause)

    async def _begin(self, ticket: str, firing: Firing) -> None:
        await self._engine.run(_BEGUN, {"ticket": self._keys.ticket(ticket)}, {"firing": firing.model_dump_json()})

    async def _follow(self, ticket: Ticket, firing: Firing, cause: str) -> None:
        """What the triggers changed may fire others; each fires once."""
        before = Ticket.model_validate({**ticket.model_dump(mode="json"), **firing.before})
        last, cut = list(firing.triggers), list[str]()
        for _ in range(DEPTH):
            stored = await self._reader.ticket(before.id)
            facts, fired = await self._facts(stored, "", "router"), firing.triggers
            due = self._policy().triggers.matching(happened(before, stored.record), facts)
            again = [each.name for each in due if each.name in fired and [each.name] != last]
            cut += [name for name in again if name not in cut]
            fresh = [each for each in due if each.name not in fired][: MOST - len(fired)]
            if not fresh:
                break
            last = [each.name for each in fresh]
            firing = firing.model_copy(update={"triggers": (*fired, *last)})
            await self._begin(before.id, firing)
            for trigger in fresh:
                await self._fire(stored, trigger, facts, cause)
            before = stored.record
        else:
            cut += last
        if cut:
            await self._told.cut(before.id, cut, cause)

    async def _fire(self, stored: StoredTicket, trigger: Trigger, facts: Facts, cause: str) -> None:
        if stored.work.fired.get(trigger.name) == cause:
            return
        customer = await self._customer(stored.record)
        values = self._policy().triggers.variables(trigger, facts) | {"customer": _name(customer)}
        actor, key = f"rule:{trigger.name}", f"rule {trigger.name} {cause}"
        taker = Taker(actor=actor, key=key, name=trigger.name, variables=values)

        async def reply(name: str) -> str:
            texts = self._policy().settings.canned_replies[name]
            return await self._replies.send(stored, texts, customer=values["customer"], actor=actor, key=f"{key}:reply")

        taken = await self._steps.take(stored.record.id, trigger.settings.then, taker, reply=reply)
        await self._told.applied(stored.record.id, trigger.name, cause, taken)

    async def _facts(self, stored: StoredTicket, article: str, by: str) -> Facts:
        customer = await self._customer(stored.record)
        asked = self._policy().triggers.asks_for_history
        history = await self._histories.of(customer) if asked else History()
        found = await self._reader.stored_article(article) if article else None
        written = found.record if found else None
        return facts_of_ticket(stored, written, customer, history, by=by, now=self._clock.now())

    async def _customer(self, ticket: Ticket) -> Customer | None:
        try:
            return await self._reader.customer(ticket.customer) if ticket.customer else None
        except NotFound:
            return None


def happened(before: Ticket, after: Ticket) -> Sequence[str]:
    """The events that lie between two states of a ticket."""
    events = ["status"] if before.status != after.status else []
    if before.status == "solved" and after.status == "open":
        events.append("reopened")
    if before.queue != after.queue:
        events.append("queue")
    if after.assignee and before.assignee != after.assignee:
        events.append("assigned")
    return [*events, *(["changed"] if any(getattr(before, each) != getattr(after, each) for each in _CHANGED) else [])]


def _compared(ticket: Ticket) -> dict[str, Any]:
    return ticket.model_dump(mode="json", include={*_CHANGED, "status", "queue", "assignee"})


def _has_begun(stored: StoredTicket, entry: str) -> bool:
    return stored.work.firing is not None and stored.work.firing.entry == entry


def _name(customer: Customer | None) -> str:
    return (customer.name or next(reversed(customer.names), "")) if customer else ""


def _since(ticket: Ticket) -> int:
    return ticket.status_since or ticket.created_at
