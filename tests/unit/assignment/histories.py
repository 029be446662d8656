"""Random days of a desk, as events that the model and the engine are told alike.

An event is a tuple of its name and facts, so that a history prints as what it is; `tell` drives a model with one. What
is not possible at the moment (an offer that is not there any more) is not told: `is_possible` says so.
"""

import random
from collections.abc import Iterator
from typing import Any

from trunkline.router.assignment.desk import Bound
from trunkline.router.assignment.model import Model
from trunkline.router.assignment.tickets import HELD, OFFERED, TAKEN, WAITING, Optional, Ticket
from trunkline.router.assignment.workers import AVAILABLE, AWAY, BUSY, GAINS, OFFLINE, Hours, Worker

T0 = 1_700_000_000_000
LANGUAGES = ("de", "en", "fr")
QUEUES = ("help", "sales", "vip")
SHIFT, CLOSING, OVERTIME = 600_000, 120_000, 150_000
LIVE = ("chat", "call")
SKILLS = ("lamps", "wires")
TARGETS = {1: 60_000, 2: 300_000, 3: 1_800_000, 4: 7_200_000}
ROUTING: dict[str, dict[str, Any]] = {
    "queue:help": {"language_ms": 120_000, "hold_ms": 60_000, "offer_ms": 30_000},
    "queue:sales": {"language_ms": 0, "auto_accept": True, "hold_ms": 30_000},
    "queue:vip": {"language_ms": 0, "language_required": True, "hold_ms": 10_000, "offer_ms": 20_000},
    "channel:mail": {"patient": True, "wrap_up_ms": 20_000},
    "channel:chat": {},
    "channel:call": {"exclusive": True},
}
"""What a configuration would say of the queues and channels, in the router's own words (routing_settings.py)."""

Event = tuple[Any, ...]


def agents_of(chance: random.Random, number: int) -> list[dict[str, Any]]:
    """Agents of one configuration, as facts."""
    return [
        {
            "id": f"a{index}",
            "queues": sorted(chance.sample(QUEUES, chance.randint(1, 3))),
            "languages": sorted(chance.sample(LANGUAGES, chance.randint(1, 3))),
            "skills": {skill: chance.randint(1, 3) for skill in SKILLS if chance.random() < 0.5},
            "capacity": chance.choice((1, 1, 2, 3, 4)),
            "caps": {"chat": chance.randint(0, 2)} if chance.random() < 0.2 else {},
            "gains": chance.choice((GAINS, GAINS, GAINS, (900, 700, 100), (1200,))),
            "speeds": {"queue:help": chance.choice((500, 900, 1300))} if chance.random() < 0.2 else {},
            "shifts": chance.randrange(1, SHIFT) if chance.random() < 0.5 else None,
        }
        for index in range(number)
        if chance.random() < 0.95
    ]


def worker_of(facts: dict[str, Any]) -> Worker:
    """One of them for the model."""
    tokens = {f"queue:{queue}" for queue in facts["queues"]} | {f"language:{code}" for code in facts["languages"]}
    tokens |= {f"skill:{skill}@{at}" for skill, level in facts["skills"].items() for at in range(1, level + 1)}
    given = {name: facts[name] for name in ("id", "capacity", "caps", "gains", "speeds")}
    return Worker(tokens=frozenset(tokens), hours=hours_of(facts["shifts"]), **given)


def hours_of(offset: int | None) -> Hours | None:
    """Shifts of this agent: one ends every while, the first so long after the beginning."""
    if offset is None:
        return None

    def shift_at(now: int) -> tuple[int, int]:
        ends_at = T0 + offset + ((now - T0 - offset) // SHIFT + 1) * SHIFT
        return ends_at - CLOSING, ends_at

    return Hours(shift_at, OVERTIME, LIVE)


def ticket_facts(chance: random.Random, id_: str, now: int, people: int) -> dict[str, Any]:
    """A ticket that comes now, as facts."""
    channel = chance.choice(("mail", "mail", "chat", "chat", "call"))
    return {
        "id": id_,
        "arrived_at": now - chance.choice((0, 0, 0, 1_000)),
        "priority": chance.choice((1, 2, 3, 3, 3, 4)),
        "queue": chance.choice(QUEUES),
        "required": [f"skill:{chance.choice(SKILLS)}@{chance.randint(1, 3)}"] if chance.random() < 0.3 else [],
        "preferred": [f"skill:{chance.choice(SKILLS)}@{chance.randint(1, 3)}"] if chance.random() < 0.1 else [],
        "language": chance.choice(LANGUAGES) if chance.random() < 0.6 else None,
        "channel": channel,
        "weight": chance.choice((1, 1, 1, 1, 2, 3)) if channel == "chat" else 1,
        "previous": f"a{chance.randrange(people)}" if chance.random() < 0.3 else None,
    }


def ticket_of(facts: dict[str, Any]) -> Ticket:
    """One of them for the model."""
    said, channel = ROUTING[f"queue:{facts['queue']}"], ROUTING[f"channel:{facts['channel']}"]
    needed = {f"queue:{facts['queue']}", *facts["required"]}
    optional = [Optional(token, 0, True) for token in facts["preferred"] if token not in needed]
    if facts["language"] is not None:
        language = f"language:{facts['language']}"
        needed.add(language)
        optional += [] if said.get("language_required") else [Optional(language, said["language_ms"], True)]
    target = TARGETS[facts["priority"]]
    given = {name: facts[name] for name in ("id", "arrived_at", "priority", "channel", "weight", "previous")}
    return Ticket(
        target=target,
        due=facts["arrived_at"] + target,
        tokens=tuple(sorted(needed | {each.token for each in optional})),
        optional=tuple(optional),
        patient=channel.get("patient", False),
        exclusive=channel.get("exclusive", False),
        hold=said.get("hold_ms", 0),
        offer=None if said.get("auto_accept") else said["offer_ms"],
        **given,
    )


class History:
    """Makes one event after another; what is possible is seen from a model that is told them."""

    def __init__(self, seed: int, people: int = 6, *, whole: bool = True, busy: float = 0.36) -> None:
        """`whole`: with what the engine does not know of yet; `busy`: the share of arrivals."""
        self._chance = random.Random(seed)
        self._people = people
        self._whole = whole
        self._busy = busy
        self._tickets = 0
        self._facts: dict[str, dict[str, Any]] = {}
        self.now = T0
        self.model = Model()
        if whole:
            self.model.desk.timers.set(T0 + 60_000, "sweep", "")

    def events(self, number: int) -> Iterator[Event]:
        """So many; each must have been told to the model before the next is asked for."""
        yield ("agents", self.now, agents_of(self._chance, self._people))
        for _ in range(number):
            self.now += self._chance.choice((0, 1, 500, 5_000, 20_000, 60_000))
            due = self.model.desk.timers.next_at()
            yield ("due", self.now) if due is not None and due <= self.now else self._event()

    def _event(self) -> Event:
        chance, now = self._chance, self.now
        roll = chance.random()
        if roll < self._busy:
            self._tickets += 1
            facts = ticket_facts(chance, f"t{self._tickets:06d}", now, self._people)
            if chance.random() < 0.4:
                facts["previous"] = self._somebody_at_work(facts["queue"]) or facts["previous"]
            self._facts[facts["id"]] = facts
            return ("arrive", now, facts)
        if roll < 0.80:
            return self._about_a_ticket() or self._presence()
        if roll < 0.99:
            return self._presence()
        return ("agents", now, agents_of(chance, self._people))

    def _somebody_at_work(self, queue: str) -> str | None:
        """Of those who have something of a queue in hand: perhaps too much to take another at once."""
        busy = {each.agent for each in self.model.desk.tickets.values() if f"queue:{queue}" in each.tokens}
        return self._chance.choice(sorted(busy - {None}) or [None])

    def _about_a_ticket(self) -> Event | None:
        chance, now = self._chance, self.now
        tickets = [each for each in self.model.desk.tickets.values() if each.agent is not None and each.state != "gone"]
        waiting = [each for each in self.model.desk.tickets.values() if each.state in (WAITING, HELD)]
        if waiting and chance.random() < 0.12:
            return self._about_one_that_waits(chance.choice(waiting).id)
        if not tickets:
            return None
        ticket = chance.choice(tickets)
        if ticket.state == OFFERED:
            return (chance.choice(("accepted", "accepted", "accepted", "declined")), now, ticket.id)
        if chance.random() < 0.1:
            return ("released", now, ticket.id)
        return ("finished", now, ticket.id, ROUTING[f"channel:{ticket.channel}"].get("wrap_up_ms", 0))

    def _about_one_that_waits(self, ticket: str) -> Event:
        chance, now = self._chance, self.now
        if chance.random() < 0.5:
            return ("left", now, ticket)
        if chance.random() < 0.5:
            return ("assigned", now, ticket, chance.choice(self._agents()))
        raised = chance.choice(({"priority": 1}, {"weight": 1}, {"language": None}, {"preferred": []}))
        self._facts[ticket] = self._facts[ticket] | raised
        return ("changed", now, self._facts[ticket])

    def _agents(self) -> list[str]:
        return sorted(agent.id for agent in self.model.desk.agents.values() if not agent.removed)

    def _presence(self) -> Event:
        chance, now = self._chance, self.now
        agent = chance.choice(self._agents())
        if self._whole and chance.random() < 0.3:
            return ("alive", now, agent)
        presence = chance.choice((AVAILABLE, AVAILABLE, AVAILABLE, AVAILABLE, BUSY, AWAY, OFFLINE))
        return ("present", now, agent, presence)


def is_possible(model: Model, event: Event) -> bool:
    """Whether it can happen as things stand; of a history of which a part is left out, not all can."""
    name, _, *facts = event
    desk = model.desk
    if name in ("due", "agents", "arrive"):
        return True
    if name in ("present", "alive"):
        return facts[0] in desk.agents and not desk.agents[facts[0]].removed
    ticket = desk.tickets.get(facts[0]["id"] if name == "changed" else facts[0])
    states = {"accepted": (OFFERED,), "declined": (OFFERED,), "released": (TAKEN,), "finished": (TAKEN,)}
    if ticket is None or ticket.state not in states.get(name, (WAITING, HELD)):
        return False
    return name != "assigned" or (facts[1] in desk.agents and not desk.agents[facts[1]].removed)


def told(model: Model, event: Event) -> Iterator[Bound]:
    """Tell the model an event; each binding comes out while the model is as it was when it was made."""
    name, now, *facts = event
    match name:
        case "agents":
            return model.agents_changed([worker_of(each) for each in facts[0]], now)
        case "present":
            return model.present(facts[0], facts[1], now)
        case "assigned":
            return model.assigned(facts[0], facts[1], now)
    before, after = facts[:1], facts[1:]
    if name in ("arrive", "changed"):
        before = [ticket_of(facts[0])]
    bindings: Iterator[Bound] = getattr(model, name)(*before, now, *after)
    return bindings


def tell(model: Model, event: Event) -> list[Bound]:
    """Tell the model an event, to its end."""
    return list(told(model, event))


def in_hand(model: Model, agent: str) -> list[Ticket]:
    """What an agent has, offers and wrap-up included."""
    return [
        each for each in model.desk.tickets.values() if each.agent == agent and each.state in (OFFERED, TAKEN, "gone")
    ]
