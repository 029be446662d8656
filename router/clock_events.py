"""The clocks that calendars count: each event is a durable entry of the queue `clocks`, and this is its handler.

    reckon   a clock began, went on, or has another target     work out until when it runs, and write it down
    step     a step of an escalation is due                    do it (escalations.py)
    all      calendars or promises have changed                reckon every ticket that is not finished, in pages, and
                                                               once more, for what changed its status meanwhile
    customer what policies may ask of a record has changed     reckon the tickets of this person, in pages

A script pushes `reckon` with the change that causes it (`ticket_clocks` in ticket.lua). What is worked out is written
under the token of the clock: if that has changed meanwhile, another event is on its way, and nothing is written. What
is agreed is written for the revision that was looked at; for another one it is worked out again. So handling an event
twice, or late, does no harm.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..config.errors import NotFound
from ..config.sla_settings import SlaSettings
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.mark import Mark
from ..queue.scripts import Script, ScriptKeys
from ..queue.work import Entry
from .agreed import agreed_for, facts_of_ticket
from .agreements import Promised
from .clock import TicketClock
from .customer_records import load_records
from .escalation import steps_left
from .escalations import Escalations
from .life_cycle import FINISHED, MOVES
from .open_time import OpenTime
from .policy import CurrentPolicy, Policy
from .private_fields import Agreement
from .records import json_bytes
from .stored_ticket import StoredTicket, load_ticket
from .ticket_keys import TicketKeys

AT_ONCE = 100
MOST_PAUSES = 30  # as in clocks.lua
HEADS = 2 * tuple(f"status:{status}" for status in MOVES if status not in FINISHED)
CHANGED = "the calendars or promises were changed"
OF_CUSTOMER = "the customer’s record was changed"

_RECKON = Script.beside(__file__, "reckon_clocks.lua")


class ClockEvents:
    """The handler of the queue of clocks."""

    def __init__(self, engine: Engine, clock: Clock, *, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._keys = TicketKeys(engine)
        self._escalations = Escalations(engine, clock, policy=policy)
        self._reckoned = Mark(engine, "clocks", "agreed")
        self.queue = self._keys.clocks

    async def handle(self, entry: Entry) -> bool:
        """Act on one event."""
        event = json.loads(entry.payload)
        match event["event"]:
            case "reckon":
                await self.reckon(event["ticket"], reason=event.get("reason", ""))
            case "step" if event.get("at", 0) > self._clock.now():  # another process is ahead, whose clock laid it out
                await self.queue.push(f"ticket:{event['ticket']}", entry.payload, due=event["at"])
            case "step":
                await self._escalations.due(event["ticket"], event["clock"])
            case "all":
                await self._all(event)
            case "customer":
                await self._person(event["customer"])
            case "record":
                await self._of_record(event)
        return False

    async def announce(self) -> None:
        """Have everything reckoned anew if calendars or promises differ from those that it was reckoned by last."""
        known = _digest(self._policy())
        if await self._reckoned.differs(known):
            await self.queue.push("all", json_bytes({"event": "all", "head": 0, "after": ""}))
            await self._reckoned.set(known)

    async def reckon(self, ticket: str, *, reason: str = "") -> bool:
        """Work out the clocks of one ticket; whether anything was written. With a reason its history tells it."""
        try:
            stored = await load_ticket(self._engine, ticket)
        except NotFound:
            return False
        policy = self._policy()
        facts = await facts_of_ticket(self._engine, policy, stored.record)
        agreement = policy.agreements.of(facts)
        clocks = {}
        for name, clock in stored.record.clocks.items():
            if clock.stopped is not None and (clock.reckoned or agreement.calendar is None):
                continue
            by = agreement if clock.of is None else await self._lent(clock.of, policy, agreement)
            if (planned := _planned(name, clock, by, _ladder(policy, facts))) is not None:
                clocks[name] = planned
        written = agreement != stored.work.sla and stored.record.status not in FINISHED
        plan: dict[str, Any] = {"clocks": clocks, "revision": stored.record.revision}
        if written:
            plan["sla"] = json_bytes(agreement.model_dump(mode="json", exclude_unset=True)).decode()
        if reason and (written or any(stored.record.clocks[name].reckoned for name in clocks)):
            plan["reason"] = reason
        return bool(clocks or written) and await self._write(stored, plan)

    async def _write(self, stored: StoredTicket, plan: Mapping[str, Any]) -> bool:
        keys: ScriptKeys = {"ticket": self._keys.ticket(stored.record.id), "desk": self._keys.desk}
        reply = await self._engine.run(_RECKON, keys, {"now": self._clock.now(), "plan": json_bytes(plan)})
        if reply[0] == b"CHANGED":
            event = {"event": "reckon", "ticket": stored.record.id, "reason": plan.get("reason", "")}
            await self.queue.push(f"ticket:{stored.record.id}", json_bytes(event))
        return bool(reply[0] == b"OK")

    async def _lent(self, ticket: str, policy: Policy, otherwise: Agreement) -> Agreement:
        """What is agreed for the ticket for which another one owes."""
        try:
            return await agreed_for(self._engine, policy, (await load_ticket(self._engine, ticket)).record)
        except NotFound:
            return otherwise

    async def _all(self, event: Mapping[str, Any]) -> None:
        after = await self._page(HEADS[event["head"]], event["after"], CHANGED)
        following = {"event": "all", "head": event["head"] + (not after), "after": after}
        if following["head"] < len(HEADS):
            await self.queue.push("all", json_bytes(following))

    async def _person(self, customer: str) -> None:
        """Also the tickets of the other records of the same person."""
        if self._policy().agreements.asks_customers:
            for record in await load_records(self._engine, self._keys, [customer]):
                event = {"event": "record", "record": record, "after": ""}
                await self.queue.push(f"customer:{record}", json_bytes(event))

    async def _of_record(self, event: Mapping[str, Any]) -> None:
        if after := await self._page(f"customer:{event['record']}", event["after"], OF_CUSTOMER):
            await self.queue.push(f"customer:{event['record']}", json_bytes({**event, "after": after}))

    async def _page(self, head: str, after: str, reason: str) -> str:
        """Reckon the next tickets under a head of the index; returns behind which it goes on, nothing at the end."""
        begin = f"({after}" if after else f"[{head}|"
        members = await self._engine.call("ZRANGE", self._keys.index, begin, f"({head}}}", "BYLEX", "LIMIT", 0, AT_ONCE)
        await asyncio.gather(*(self.reckon(each.decode().rpartition("|")[2], reason=reason) for each in members))
        return members[-1].decode() if len(members) == AT_ONCE else ""


@dataclass(frozen=True)
class Ladder:
    """The steps of a policy, and the calendars by which they count."""

    policy: SlaSettings | None
    open_time: Callable[[str | None], OpenTime]

    def first(self, name: str, clock: TicketClock, calendar: str | None) -> int | None:
        """When the next step of the clock is due."""
        left = steps_left(name, clock, self.policy, self.open_time(calendar))
        return left[0].at if left else None


def _ladder(policy: Policy, facts: Promised) -> Ladder:
    return Ladder(policy.agreements.policy(facts), policy.open_time)


def _planned(name: str, clock: TicketClock, agreement: Agreement, ladder: Ladder) -> dict[str, Any] | None:
    """Until when it runs, and when its next step is due, as the script takes it; None where it is so already."""
    time = ladder.open_time(agreement.calendar)
    target = clock.target if clock.given else agreement.targets.get(name, clock.target)
    folded = _folded(clock, time) if agreement.calendar else {}
    clock = clock.model_copy(update=folded)
    step = ladder.first(name, clock.model_copy(update={"target": target}), agreement.calendar)
    due = time.after(clock.began, target + clock.rested, clock.pauses)
    risk = time.after(clock.began, target - target // 4 + clock.rested, clock.pauses)
    if due is None or risk is None:  # beyond what is looked at: it stays as the wall has it
        return None
    labels = {"calendar": agreement.calendar, "policy": agreement.policy}
    planned = {"token": clock.token, "target": target, "due": due, "risk": risk}
    now = {"token": clock.token, "target": clock.target, "due": clock.due, "risk": clock.risk}
    known = (clock.calendar or None, clock.policy or None, clock.step_at)
    same = not folded and planned == now and known == (*labels.values(), step)
    if same and (clock.reckoned or agreement.calendar is None):
        return None
    named = {**labels, "step_at": step, **folded}
    return planned | {name: value for name, value in named.items() if value is not None}


def _folded(clock: TicketClock, time: OpenTime) -> dict[str, Any]:
    """Where it has more pauses than are kept: the newest, and the open time in all others. Else nothing."""
    oldest = clock.pauses[:-MOST_PAUSES]
    rested = sum(time.between(max(since, clock.began), until) for since, until in oldest)
    return {"pauses": clock.pauses[-MOST_PAUSES:], "rested": clock.rested + rested} if oldest else {}


def _digest(policy: Policy) -> str:
    settings = policy.settings.model_dump(mode="json", include={"calendars", "sla"})
    return hashlib.sha256(json_bytes(settings)).hexdigest()[:16]
