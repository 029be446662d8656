"""The router's scripts on a real engine, told the events that the model is told, with no messages and no people.

Time is what the caller says. Tickets are made as `benchmarks/wait.lua` makes them; whatever follows is the router's
own: its scripts, its handlers of the offers queue, one event after another in the order in which they were caused.
What a ticket may do without, how long it is held and how it is offered follows from its queue and channel (`routing`),
as the configuration would say it; the model must be told the same.

Every method gives what was bound, in order. The workspace must be fresh. `BlockingEngine` is an engine of which every
answer is waited for where it is asked for: one driver alone is several times faster so than beside others in a loop.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError

from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.queue.multiplexer import Command
from trunkline.queue.scripts import Script, ScriptArguments, ScriptKeys
from trunkline.queue.work import Entry
from trunkline.router import absence, offers
from trunkline.router.absence import Absence
from trunkline.router.assignment.tickets import Ticket
from trunkline.router.assignment.workers import Hours, Worker
from trunkline.router.offers import Choice, Offers

ROOT = Path(__file__).parents[1]
_WAIT = Script.beside(str(ROOT / "benchmarks" / "wait.lua"), "wait.lua")


def _script(name: str) -> Script:
    return Script.beside(offers.__file__, f"{name}.lua")


_ACCEPT, _ASSIGN, _RETURN = _script("accept"), _script("assign"), _script("return_ticket")
_CHANGE, _PRESENCE, _REGISTER = _script("change_ticket"), _script("presence"), _script("register_agents")
_SHIFT = _script("shift")

Binding = tuple[str, str]
"""A ticket, and the agent who got it."""


class BlockingEngine(Engine):
    """One connection, one command at a time; the loop stands still meanwhile."""

    def __init__(self, url: str, keys: Keys) -> None:
        super().__init__(url, keys)
        self._client = Redis.from_url(url, protocol=2, socket_timeout=60)
        self._connection = self._client.connection_pool.get_connection()

    async def _attempt(self, command: Command, script: Script | None, moves: int = 3) -> Any:
        try:
            return self._answer(command)
        except NoScriptError:
            if script is None or not moves:
                raise
            self._answer(("SCRIPT", "LOAD", script.source))
            return await self._attempt(command, script, 0)

    def _answer(self, command: Command) -> Any:
        self._connection.send_command(*command)  # type: ignore[no-untyped-call]
        return self._connection.read_response()

    async def close(self) -> None:
        """Close the connection."""
        await super().close()
        self._connection.disconnect()  # type: ignore[no-untyped-call]
        self._client.close()


class WatchedOffers(Offers):
    """The handler of the offers queue, which notes what is bound."""

    def __init__(self, engine: Engine, clock: ManualClock) -> None:
        super().__init__(engine, clock)
        self.bound: list[Binding] = []
        self.holders: dict[str, str] = {}
        """Who got a ticket last."""

    def _note(self, ticket: str, agent: str) -> None:
        self.bound.append((ticket, agent))
        self.holders[ticket] = agent

    async def _place(
        self, ticket: str, why: str, completes: ScriptArguments, asked_for: int | None = None
    ) -> list[Any]:
        reply = await super()._place(ticket, why, completes, asked_for)
        if reply[0] == b"OFFERED":
            self._note(ticket, reply[1].decode())
        return reply

    async def _serve(self, agent: str, choice: Choice, completes: ScriptArguments) -> list[Any]:
        reply = await super()._serve(agent, choice, completes)
        if reply[0] == b"OFFERED" or (reply[0] == b"DONE" and reply[1] == 1):
            self._note(choice.ticket.decode(), agent)
        return reply


class EngineRouter:
    """One pool in a workspace of an engine."""

    def __init__(self, engine: Engine, routing: Mapping[str, Mapping[str, Any]], start: int) -> None:
        """`routing`: as routing_settings.py publishes it, `queue:<name>` and `channel:<name>`; `start` in ms."""
        self.engine = engine
        self.clock = ManualClock(start)
        self.offers = WatchedOffers(engine, self.clock)
        self.keys = self.offers._keys
        self._absence = Absence(engine, self.clock, policy=_no_policy, senders={})
        self._routing = json.dumps({"version": "", **{name: json.dumps(said) for name, said in routing.items()}})
        self._numbers: dict[str, int] = {}
        self._hours: dict[str, Hours | None] = {}
        self.events = 0
        """How many the router has acted on: those that were told, and what followed."""
        self.next_at: int | None = None
        """When something is due; None when nothing is."""

    async def agents_changed(self, agents: Iterable[Worker], now: int) -> list[Binding]:
        """These are the agents of the configuration."""
        known = list(agents)
        self._hours = {agent.id: agent.hours for agent in known}
        listed = [_agent_fields(agent) for agent in known]
        names = json.dumps([agent["id"] for agent in listed])
        args: ScriptArguments = {
            "list": json.dumps(listed),
            "everybody": names,
            "routing": self._routing,
            "holders": "[]",
            "version": "",
            "last": True,
        }
        return await self._tell(_REGISTER, {"desk": self.keys.desk, "known": self.keys.known_agents}, args, now)

    async def arrive(self, ticket: Ticket, now: int) -> list[Binding]:
        """A ticket wants an agent."""
        number = self._numbers.setdefault(ticket.id, len(self._numbers) + 1)
        pieces = {name: json.dumps(value) for name, value in _ticket_fields(ticket, number, now).items()}
        return await self._tell(_WAIT, self._of(ticket.id), {"fields": json.dumps(pieces)}, now)

    async def changed(self, ticket: Ticket, now: int) -> list[Binding]:
        """A waiting ticket has another priority, promise or need."""
        names = ("priority", "language", "required_skills", "preferred_skills", "_due", "_target_ms", "_weight")
        fields = _ticket_fields(ticket, 0, now)
        return await self._change(ticket.id, None, {name: json.dumps(fields[name]) for name in names}, now)

    async def accepted(self, ticket: str, now: int) -> list[Binding]:
        """Its agent takes the offer; that can have been before."""
        args: ScriptArguments = {
            "agent": self.offers.holders[ticket],
            "actor": "",
            "may_take": False,
            "force": False,
            "take_over": False,
            "expects": False,
            "holder": "",
        }
        return await self._tell(_ACCEPT, self._of(ticket), args, now)

    async def assigned(self, ticket: str, agent: str, now: int) -> list[Binding]:
        """The agent gets it by hand."""
        args: ScriptArguments = {"agent": agent, "actor": "", "force": True, "reason": "", "expects": False}
        return await self._tell(_ASSIGN, self._of(ticket), {**args, "holder": ""}, now)

    async def declined(self, ticket: str, now: int) -> list[Binding]:
        """Its agent does not want it."""
        return await self._return(ticket, "declined", now)

    async def expired(self, ticket: str, now: int) -> list[Binding]:
        """Its agent missed the offer."""
        return await self._return(ticket, "missed", now)

    async def released(self, ticket: str, now: int) -> list[Binding]:
        """Its agent gives it back."""
        return await self._return(ticket, "released", now)

    async def finished(self, ticket: str, now: int) -> list[Binding]:
        """It needs nobody any more."""
        return await self._change(ticket, "solved", {}, now)

    async def left(self, ticket: str, now: int) -> list[Binding]:
        """It goes without having been finished."""
        return await self._change(ticket, "closed", {}, now)

    async def present(self, agent: str, presence: str, now: int) -> list[Binding]:
        """An agent says how they are."""
        args: ScriptArguments = {"agent": agent, "presence": presence, "actor": "", "reason": ""}
        return await self._tell(_PRESENCE, {"desk": self.keys.desk}, {**args, "watched": None, "span": None}, now)

    async def due(self, now: int) -> list[Binding]:
        """Everything that is due by now, and what follows."""
        self.clock.advance(max(0, now - self.clock.now()))
        self.offers.bound = []
        queue = self.keys.offers
        while (batch := await queue.claim(self.clock.now(), lanes=64, per_lane=64)).lanes:
            for entry in sorted((entry for lane in batch.lanes for entry in lane), key=lambda entry: entry.sequence):
                self.events += 1
                if not await self._handle(entry):
                    await queue.finish(entry, self.clock.now())
        self.next_at = None if batch.due_in is None else self.clock.now() + batch.due_in
        return self.offers.bound

    async def sweep(self, now: int) -> list[Binding]:
        """The safety net, when nothing is on its way."""
        await self.offers.sweep()
        return await self.due(now)

    async def _tell(self, script: Script, keys: ScriptKeys, args: ScriptArguments, now: int) -> list[Binding]:
        self.events += 1
        reply = await self.engine.run(script, keys, {"now": now, **args})
        if isinstance(reply, list) and reply[0] != b"OK":
            raise AssertionError(f"{script.name} answered {reply}")
        return await self.due(now)

    async def _handle(self, entry: Entry) -> bool:
        name = json.loads(entry.payload)["event"]
        if name == "gone":
            return await self._absence.handle(entry)
        if name == "shift":
            await self._shift(json.loads(entry.payload))
            return False
        return name not in absence.EVENTS and await self.offers.handle(entry)

    async def _shift(self, event: Mapping[str, Any]) -> None:
        hours, now = self._hours.get(event["agent"]), self.clock.now()
        closes_at, ends_at = hours.shift_at(now) if hours else (0, 0)
        args: ScriptArguments = {
            "agent": event["agent"],
            "closes_at": closes_at,
            "ends_at": ends_at,
            "overtime": hours.overtime if hours else 0,
            "live": json.dumps(hours.live if hours else ()),
            "asked_for": event.get("at"),
        }
        await self.engine.run(_SHIFT, {"desk": self.keys.desk}, {"now": now, **args})

    async def _return(self, ticket: str, how: str, now: int) -> list[Binding]:
        args: ScriptArguments = {"how": how, "agent": "", "actor": "", "reason": "", "token": None, "limit": 1}
        return await self._tell(_RETURN, self._of(ticket), args, now)

    async def _change(self, ticket: str, status: str | None, fields: Mapping[str, str], now: int) -> list[Binding]:
        plan: dict[str, Any] = {"fields": fields, "changes": "{}"}
        if status is not None:
            plan |= {"status": status, "resolution": '"resolved"', "from": {"new": True, "open": True}}
        args: ScriptArguments = {"actor": "", "based_on": None, "plan": json.dumps(plan)}
        return await self._tell(_CHANGE, self._of(ticket), args, now)

    def _of(self, ticket: str) -> ScriptKeys:
        return {"ticket": self.keys.ticket(ticket), "desk": self.keys.desk}


def _no_policy() -> Any:
    raise AssertionError("what becomes of accepted work is not asked here")


def _agent_fields(agent: Worker) -> dict[str, Any]:
    return {
        "id": agent.id,
        "capacity": agent.capacity,
        "channels": dict(agent.caps),
        "tokens": ",".join(sorted(agent.tokens)),
        "gains": ",".join(map(str, agent.gains)),
        "speeds": json.dumps(dict(agent.speeds)) if agent.speeds else "",
        "shifts": agent.hours is not None,
    }


def _ticket_fields(ticket: Ticket, number: int, now: int) -> dict[str, Any]:
    """The fields of a ticket of which the router makes the same tokens again."""
    wished = [each.token for each in ticket.optional]
    of = {
        kind: [token for token in ticket.tokens if token.startswith(kind)] for kind in ("queue:", "language:", "skill:")
    }
    (queue,) = of["queue:"]
    return {
        "id": ticket.id,
        "number": f"T-{number}",
        "queue": queue.partition(":")[2],
        "status": "new",
        "channel": ticket.channel,
        "priority": ticket.priority,
        "language": of["language:"][0].partition(":")[2] if of["language:"] else "unknown",
        "required_skills": [token.partition(":")[2] for token in of["skill:"] if token not in wished],
        "preferred_skills": [token.partition(":")[2] for token in wished if token.startswith("skill:")],
        **dict.fromkeys(("assignee", "offer", "customer")),
        "subject": "",
        "revision": 0,
        "tags": [],
        "fields": {},
        "created_at": now,
        "_weight": ticket.weight,
        "_due": ticket.due,
        "_target_ms": ticket.target,
        "_arrived_at": ticket.arrived_at,
        "_previous_agent": ticket.previous,
        "_sla": {"targets": {}},
    }
