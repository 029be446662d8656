"""Escalations: does the steps of a clock whose time has come, each once, over restarts and leaps of the clock.

When a step is due stands in the clock and in a delayed entry of the queue `clocks`, both written in one script. An
entry that comes back when nothing is due does nothing. A step is marked as done in the script that does it, together
with the alerts that it causes; what the desk does to the ticket and whom it tells happens as a whole or not at all.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from ..config.errors import NotFound
from ..config.escalation_settings import AGENT, LEAD
from ..config.settings import Settings
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.identifiers import new_id
from ..queue.scripts import Script, ScriptKeys
from .agreed import agreed_for, facts_of_ticket
from .alert import Alert
from .clock import TicketClock
from .escalation import Due, steps_left
from .policy import CurrentPolicy, Policy
from .records import Ticket, json_bytes
from .stored_ticket import load_ticket
from .ticket_keys import TicketKeys

MOST_STEPS = 100

_ESCALATE = Script.beside(__file__, "escalate.lua")


class Escalations:
    """Does the steps that are due."""

    def __init__(self, engine: Engine, clock: Clock, *, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._keys = TicketKeys(engine)

    async def due(self, ticket: str, name: str) -> int:
        """Do what is due of this clock of the ticket; returns how often one was tried."""
        done = 0
        while done < MOST_STEPS and await self._one(ticket, name):
            done += 1
        return done

    async def _one(self, ticket: str, name: str) -> bool:
        try:
            record = (await load_ticket(self._engine, ticket)).record
        except NotFound:
            return False
        policy, clock = self._policy(), record.clocks.get(name)
        if clock is None or record.merged_into is not None:
            return False
        facts = await facts_of_ticket(self._engine, policy, record)
        left = steps_left(name, clock, policy.agreements.policy(facts), policy.open_time(clock.calendar))
        if not left or left[0].at > self._clock.now():
            return False
        return await self._do(record, name, clock, left, policy)

    async def _do(self, ticket: Ticket, name: str, clock: TicketClock, left: Sequence[Due], policy: Policy) -> bool:
        due, step = left[0], left[0].step
        raised = step.priority if step.priority is not None and step.priority < ticket.priority else None
        queue = step.queue if step.queue in policy.settings.queues else None
        told = list(_told(ticket, step.notify, policy.settings))
        plan: dict[str, Any] = {
            "revision": ticket.revision,
            "clock": name,
            "token": clock.token,
            "step": due.key,
            "cause": cause_of(name, clock, self._clock.now()),
            "following": left[1].at if len(left) > 1 else None,
            "priority": raised,
            "queue": queue,
            "reassign": step.reassign,
            "told": told,
            "alerts": [[each.lane, each.model_dump_json()] for each in self._alerts(ticket, name, clock, due, policy)],
        }
        if raised or queue:
            agreed = await agreed_for(self._engine, policy, ticket, queue=queue, priority=raised)
            plan["sla"] = json_bytes(agreed.model_dump(mode="json", exclude_unset=True)).decode()
        kept = {name: value for name, value in plan.items() if value is not None}
        keys: ScriptKeys = {
            "ticket": self._keys.ticket(ticket.id),
            "desk": self._keys.desk,
            "alerts": self._keys.alerts.keys,
        }
        reply = await self._engine.run(_ESCALATE, keys, {"now": self._clock.now(), "plan": json_bytes(kept)})
        return reply[0] in (b"OK", b"CHANGED")  # what has changed is read again

    def _alerts(self, ticket: Ticket, name: str, clock: TicketClock, due: Due, policy: Policy) -> Iterator[Alert]:
        """One for each address, and one for the webhook."""
        now, words = self._clock.now(), cause_of(name, clock, self._clock.now())
        content = {
            "type": "ticket.escalated",
            "ticket": {"id": ticket.id, "number": ticket.number, "queue": ticket.queue, "priority": ticket.priority},
            "agent": ticket.assignee,
            "clock": name,
            "due": clock.due,
            "step": due.step.label,
            "at": now,
        }
        text = (
            f"{ticket.number} in {ticket.queue}, priority {ticket.priority}: {words}.\n"
            f"This is the step “{due.step.label}” of the escalation of {clock.policy}.\n"
        )
        whom = [{"address": each} for each in _addresses(ticket, due.step.notify, policy.settings)]
        whom += [{"webhook": due.step.webhook}] if due.step.webhook else []
        for each in whom:
            yield Alert(
                id=new_id(now), subject=f"[{ticket.number}] {words}", text=text, content=content, at=now, **each
            )


def cause_of(name: str, clock: TicketClock, now: int) -> str:
    """Why it is escalated, in words."""
    words = name.replace("_", " ")
    minutes = abs(clock.due - now) // 60_000
    length = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    return f"{words} is due in {length}" if clock.due > now else f"{words} was due {length} ago"


def _told(ticket: Ticket, whom: Sequence[str], settings: Settings) -> Iterator[str]:
    """Agents by id, and addresses."""
    for each in whom:
        if each == AGENT:
            yield from [ticket.assignee] if ticket.assignee else []
        elif each == LEAD:
            yield from leads_of(ticket.queue, settings)
        else:
            yield each


def _addresses(ticket: Ticket, whom: Sequence[str], settings: Settings) -> list[str]:
    """Where they are told by mail, each once; an agent without an address is told by the history alone."""
    found = (each if "@" in each else _address(each, settings) for each in _told(ticket, whom, settings))
    return list(dict.fromkeys(filter(None, found)))


def _address(agent: str, settings: Settings) -> str:
    return settings.agents[agent].email if agent in settings.agents else ""


def leads_of(queue: str, settings: Settings) -> list[str]:
    """Who leads a team that serves the queue."""
    teams = (team for team in settings.teams.values() if queue in team.queues)
    return list(dict.fromkeys(lead for team in teams for lead in team.leads))
