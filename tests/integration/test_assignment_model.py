"""The router in the engine takes the decisions of the model (router/assignment), event by event, on random days."""

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.desk_settings import AgentSettings
from trunkline.router import agents
from trunkline.router.assignment.model import Model
from trunkline.router.assignment.tickets import OFFERED, TAKEN, Optional, Ticket
from trunkline.router.assignment.workers import AVAILABLE, BUSY, GAINS, OFFLINE, Worker
from trunkline.router.decision import recompute
from trunkline.router.policy import Policy
from trunkline.router.routing_settings import agent_fields
from trunkline.router.ticket_requests import TicketChanges

if TYPE_CHECKING:
    from .conftest import Desk

QUEUES = ("help", "sales")
SKILLS = ("", "lamps", "lamps@2", "wires", "wires@3")
LANGUAGES = ("unknown", "de", "en", "fr")
ROUTER = Path(__file__).parents[2] / "router"
pytestmark = pytest.mark.skipif(not (ROUTER / "place_ticket.lua").exists(), reason="the engine has no waiting room yet")
WAIT = 120  # seconds for which a speaker is waited for
OFFER = 30
GAINS_OF = {"a0": (900, 700, 100), "a3": (1200,)}
SPEEDS_OF = {"a1": {"queue:sales": 500, "language:en": 1300}, "a2": {"skill:lamps@1": 700}}
KINDS = [(queue, priority, skill) for queue in QUEUES for priority in (1, 2, 3, 4) for skill in SKILLS]


def settings_of(chance: random.Random, people: int) -> dict[str, Any]:
    """A configuration whose rules place a message by a word of it."""
    rules = [
        {
            "name": f"k{at}",
            "when": {"keywords": [f"k{at}"]},
            "then": {"queue": queue, "priority": priority, **({"require_skills": [skill]} if skill else {})},
        }
        for at, (queue, priority, skill) in enumerate(KINDS)
    ]
    agents = {
        f"a{at}": {
            "name": f"A {at}",
            "queues": sorted(chance.sample(QUEUES, chance.randint(1, 2))),
            "languages": sorted(chance.sample(LANGUAGES[1:], chance.randint(1, 3))),
            "skills": {name: chance.randint(1, 3) for name in ("lamps", "wires") if chance.random() < 0.6},
            "capacity": chance.choice((1, 1, 2, 3)),
            "channel_capacity": {"chat": chance.randint(1, 2)} if chance.random() < 0.3 else {},
        }
        for at in range(people)
    }
    queue = {"language_wait": f"{WAIT}s", "offer_time": f"{OFFER}s"}
    return {
        "queues": {"help": {"fallback": True, **queue}, "sales": queue},
        "agents": agents,
        "rules": rules,
        "senders": {"messages_per_hour": 100_000},
        "handling": {channel: {"patient": False} for channel in ("test", "mail", "chat")},
    }


def worker_of(id_: str, facts: dict[str, Any], is_measured: bool) -> Worker:
    """One of the agents for the model."""
    tokens = {f"queue:{name}" for name in facts["queues"]} | {f"language:{code}" for code in facts["languages"]}
    tokens |= {f"skill:{name}@{at}" for name, level in facts["skills"].items() for at in range(1, level + 1)}
    return Worker(
        id=id_,
        tokens=frozenset(tokens),
        capacity=facts["capacity"],
        caps=facts["channel_capacity"],
        gains=GAINS_OF.get(id_, GAINS) if is_measured else GAINS,
        speeds=SPEEDS_OF.get(id_, {}) if is_measured else {},
    )


def measured(id_: str, agent: AgentSettings, policy: Policy) -> dict[str, Any]:
    """What is published of an agent, with gains and speeds that were measured for some."""
    gains = ",".join(map(str, GAINS_OF.get(id_, ())))
    return agent_fields(id_, agent, policy) | {"gains": gains, "speeds": json.dumps(SPEEDS_OF.get(id_, {}))}


class Both:
    """A desk and the model, told the same."""

    def __init__(self, desk: "Desk", seed: int, people: int = 5, *, is_measured: bool = False) -> None:
        self.desk = desk
        self.is_measured = is_measured
        self.chance = random.Random(seed)
        self.settings = settings_of(self.chance, people)
        self.model = Model()
        self.told: list[str] = []
        self.known: set[str] = set()
        self._messages = 0

    async def start(self) -> None:
        self.desk.configure(self.settings)
        await self.desk.start()
        await self.settle()
        people = [worker_of(*each, self.is_measured) for each in self.settings["agents"].items()]
        list(self.model.agents_changed(people, self.now))

    @property
    def now(self) -> int:
        return self.desk.clock.now()

    async def step(self) -> None:
        """Time passes, and something happens."""
        until = self.now + self.chance.choice((1, 3, 500, 5_000, 20_000, 40_000)) + self.chance.randrange(100)
        while (at := self.model.desk.timers.next_at()) is not None and at <= until:
            self.desk.clock.advance(max(0, at - self.now))
            await self.time_passes()
        self.desk.clock.advance(until - self.now)
        roll = self.chance.random()
        if roll < 0.35:
            await self.arrive()
        elif roll < 0.8:
            await self.work() or await self.presence()
        else:
            await self.presence()
        await self.compare()

    async def time_passes(self) -> None:
        self.told.append(f"{self.now} time passes")
        list(self.model.due(self.now))
        await self.settle()
        await self.compare()

    async def settle(self) -> None:
        """Everything is worked off, what gives somebody work in the order in which it was caused."""
        queue, others = self.desk.routers.queue, (self.desk.filers, self.desk.timers, self.desk.senders)
        done = 1
        while done:
            done = sum([await worker.run_once() for worker in others])
            while lanes := (await queue.claim(self.now, lanes=1, per_lane=1)).lanes:
                for entry in lanes[0]:
                    done += 1
                    if not await self.desk.router_events.handle(entry):
                        await queue.finish(entry, self.now)

    async def arrive(self) -> None:
        self._messages += 1
        kind = self.chance.randrange(len(KINDS))
        language, channel = self.chance.choice(LANGUAGES), self.chance.choice(("test", "mail", "chat"))
        await self.desk.write(f"k{kind}", sender=f"p{self._messages}@example.org", language=language, channel=channel)
        await self.desk.filers.run_once()
        (record,) = [each for each in await self.desk.tickets() if each.id not in self.known]
        self.known.add(record.id)
        queue, priority, skill = KINDS[kind]
        work = (await self.desk.reader.ticket(record.id)).work
        wanted = [f"queue:{queue}", *([f"skill:{skill if '@' in skill else skill + '@1'}"] if skill else [])]
        optional = ()
        if language != "unknown":
            wanted.append(f"language:{language}")
            optional = (Optional(f"language:{language}", WAIT * 1000, at_once=True),)
        ticket = Ticket(
            id=record.id,
            arrived_at=work.due - work.target_ms,
            due=work.due,
            target=work.target_ms,
            priority=priority,
            tokens=tuple(sorted(wanted)),
            optional=optional,
            channel=channel,
            offer=OFFER * 1000,
        )
        self.told.append(f"{self.now} arrive {record.id} {priority} {ticket.tokens} {channel}")
        await self.settle()
        list(self.model.arrive(ticket, self.now))

    async def work(self) -> bool:
        held = [each for each in self.model.desk.tickets.values() if each.agent is not None]
        if not held:
            return False
        ticket = self.chance.choice(held)
        agent = ticket.agent or ""
        if ticket.state == OFFERED and self.chance.random() < 0.7:
            await self.act("accepted", ticket.id, self.desk.actions.accept(ticket.id, agent, actor=f"agent:{agent}"))
        elif ticket.state == OFFERED:
            await self.act("declined", ticket.id, self.desk.actions.decline(ticket.id, agent, actor=f"agent:{agent}"))
        elif self.chance.random() < 0.1:
            await self.act("released", ticket.id, self.desk.actions.release(ticket.id, actor=f"agent:{agent}"))
        else:
            done = TicketChanges(status="solved", resolution="resolved")
            await self.act("finished", ticket.id, self.desk.actions.change(ticket.id, done, actor=f"agent:{agent}"))
        return True

    async def act(self, event: str, ticket: str, action: Any) -> None:
        self.told.append(f"{self.now} {event} {ticket} by {self.model.desk.tickets[ticket].agent}")
        await action
        await self.settle()
        list(getattr(self.model, event)(ticket, self.now))

    async def presence(self) -> None:
        agent = self.chance.choice(sorted(self.settings["agents"]))
        presence = self.chance.choice((AVAILABLE, AVAILABLE, AVAILABLE, AVAILABLE, BUSY, OFFLINE))
        held = [each for each in self.model.desk.tickets.values() if each.agent == agent and each.state == TAKEN]
        if presence == OFFLINE and held:  # what becomes of it is absence.py's matter
            presence = AVAILABLE
        self.told.append(f"{self.now} {agent} {presence}")
        await self.desk.actions.presence(agent, presence, actor=f"agent:{agent}")  # type: ignore[arg-type]
        await self.settle()
        list(self.model.present(agent, presence, self.now))

    async def compare(self) -> None:
        """Everybody has the same in both."""
        engine = {}
        for ticket in await self.desk.tickets():
            if ticket.status in ("new", "open"):
                engine[ticket.id] = ticket.offer.agent if ticket.offer else ticket.assignee
        model = {each.id: each.agent for each in self.model.desk.tickets.values()}
        pairs = {id_: (engine.get(id_, "-"), model.get(id_, "-")) for id_ in engine | model}
        differ = {id_: pair for id_, pair in pairs.items() if pair[0] != pair[1]}
        assert not differ, "\n".join([*self.told[-40:], f"{differ} (engine, model)"])
        await self.compare_work()
        flat = await self.desk.engine.call("HGETALL", self.desk.offers._keys.room["places"])
        places = {id_.decode(): json.loads(place) for id_, place in zip(flat[::2], flat[1::2], strict=True)}
        for id_, place in places.items():
            known = self.model.desk.tickets[id_]
            engine_has = (place["state"], place["aim"], place["step"], sorted(place["dropped"] or []), place["relaxed"])
            model_has = (known.state, known.aim, known.step, sorted(known.dropped), known.relaxed)
            assert engine_has == model_has, "\n".join([*self.told[-40:], id_, str(known), str(place)])

    async def compare_work(self) -> None:
        """Both know as well how long a ticket of each signature takes."""
        rates = await self.desk.engine.call("HGETALL", self.desk.offers._keys.room["rates"])
        pairs = zip((each.decode() for each in rates[::2]), map(bytes.decode, rates[1::2]), strict=True)
        engine = {name.removeprefix("work|"): int(value) for name, value in pairs if name.startswith("work|")}
        known = self.model.desk.signatures
        model = {name: known.of(tuple(name.split(","))).work for name in engine}
        assert engine == model, "\n".join(self.told[-40:])
        if any(" finished " in each for each in self.told):
            assert engine


async def days(desk: "Desk", seed: int, steps: int, *, is_measured: bool = False) -> None:
    """Random days in both, at the end of which every decision comes out again from its record."""
    both = Both(desk, seed, is_measured=is_measured)
    await both.start()
    for _ in range(steps):
        await both.step()
    for id_ in both.known:
        assert all(recompute(each) == each.agent for each in await desk.reader.decisions(id_))


@pytest.mark.parametrize("seed", range(2))
async def test_the_engine_decides_as_the_model_does(desk: "Desk", seed: int) -> None:
    await days(desk, seed, 100)


@pytest.mark.parametrize("seed", range(10, 12))
async def test_it_does_so_with_agents_of_different_speeds(
    desk: "Desk", seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents, "agent_fields", measured)
    await days(desk, seed, 60, is_measured=True)


@pytest.mark.long
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", [100, 102])
async def test_the_engine_decides_as_the_model_does_for_long(desk: "Desk", seed: int) -> None:
    await days(desk, seed, 250)
