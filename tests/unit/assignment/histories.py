"""Random days of a desk, as events that the model and the engine are told alike.

An event is a tuple of its name and facts, so that a history prints as what it is; `tell` drives a model with one. What
is not possible at the moment (an offer that is not there any more) does nothing, in whatever is told.
"""

import random
from collections.abc import Iterator
from typing import Any

from trunkline.router.assignment.desk import Bound
from trunkline.router.assignment.model import Model
from trunkline.router.assignment.tickets import OFFERED, TAKEN, Optional, Ticket
from trunkline.router.assignment.workers import AVAILABLE, AWAY, BUSY, OFFLINE, Worker

T0 = 1_700_000_000_000
LANGUAGES = ("de", "en", "fr")
QUEUES = ("help", "sales")
SKILLS = ("lamps", "wires")
TARGETS = {1: 60_000, 2: 300_000, 3: 1_800_000, 4: 7_200_000}

Event = tuple[Any, ...]


def agents_of(chance: random.Random, number: int) -> list[dict[str, Any]]:
    """Agents of one configuration, as facts."""
    return [
        {
            "id": f"a{index}",
            "queues": sorted(chance.sample(QUEUES, chance.randint(1, 2))),
            "languages": sorted(chance.sample(LANGUAGES, chance.randint(1, 3))),
            "skills": {skill: chance.randint(1, 3) for skill in SKILLS if chance.random() < 0.5},
            "capacity": chance.choice((1, 1, 2, 3, 4)),
            "caps": {"chat": chance.randint(0, 2)} if chance.random() < 0.2 else {},
        }
        for index in range(number)
        if chance.random() < 0.95
    ]


def worker_of(facts: dict[str, Any]) -> Worker:
    """One of them for the model."""
    tokens = {f"queue:{queue}" for queue in facts["queues"]} | {f"language:{code}" for code in facts["languages"]}
    tokens |= {f"skill:{skill}@{at}" for skill, level in facts["skills"].items() for at in range(1, level + 1)}
    return Worker(id=facts["id"], tokens=frozenset(tokens), capacity=facts["capacity"], caps=facts["caps"])


def ticket_facts(chance: random.Random, number: int, now: int, people: int) -> dict[str, Any]:
    """A ticket that comes now, as facts."""
    channel = chance.choice(("mail", "mail", "chat", "chat", "call"))
    priority = chance.choice((1, 2, 3, 3, 3, 4))
    target = TARGETS[priority]
    tokens = {f"queue:{chance.choice(QUEUES)}"}
    optional = []
    if chance.random() < 0.3:
        tokens.add(f"skill:{chance.choice(SKILLS)}@{chance.randint(1, 3)}")
    if chance.random() < 0.6:
        language = f"language:{chance.choice(LANGUAGES)}"
        tokens.add(language)
        if chance.random() < 0.8:
            optional.append((language, target * 3 // 10, chance.random() < 0.7))
    return {
        "id": f"t{number:06d}",
        "arrived_at": now - chance.choice((0, 0, 0, 1_000)),
        "target": target,
        "priority": priority,
        "tokens": sorted(tokens),
        "optional": optional,
        "channel": channel,
        "weight": chance.choice((1, 1, 1, 1, 2, 3)) if channel == "chat" else 1,
        "patient": channel == "mail",
        "exclusive": channel == "call",
        "previous": f"a{chance.randrange(people)}" if chance.random() < 0.3 else None,
        "hold": chance.choice((0, 60_000)),
        "offer": None if chance.random() < 0.2 else 30_000,
    }


def ticket_of(facts: dict[str, Any]) -> Ticket:
    """One of them for the model."""
    known = facts | {
        "tokens": tuple(facts["tokens"]),
        "optional": tuple(Optional(token, after, at_once) for token, after, at_once in facts["optional"]),
        "due": facts["arrived_at"] + facts["target"],
    }
    return Ticket(**known)


class History:
    """Makes one event after another; what is possible is seen from a model that is told them."""

    def __init__(self, seed: int, people: int = 6) -> None:
        self._chance = random.Random(seed)
        self._people = people
        self._tickets = 0
        self.now = T0
        self.model = Model()
        self.model.desk.timers.set(T0 + 60_000, "sweep", "", 0)

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
        if roll < 0.36:
            self._tickets += 1
            return ("arrive", now, ticket_facts(chance, self._tickets, now, self._people))
        if roll < 0.80:
            return self._about_a_ticket() or self._presence()
        if roll < 0.99:
            return self._presence()
        return ("agents", now, agents_of(chance, self._people))

    def _about_a_ticket(self) -> Event | None:
        chance, now = self._chance, self.now
        tickets = [each for each in self.model.desk.tickets.values() if each.agent is not None and each.state != "gone"]
        waiting = [each for each in self.model.desk.tickets.values() if each.state in ("waiting", "held")]
        if waiting and chance.random() < 0.08:
            return ("left", now, chance.choice(waiting).id)
        if not tickets:
            return None
        ticket = chance.choice(tickets)
        if ticket.state == OFFERED:
            return (chance.choice(("accepted", "accepted", "accepted", "declined")), now, ticket.id)
        if chance.random() < 0.1:
            return ("released", now, ticket.id)
        return ("finished", now, ticket.id, chance.choice((0, 0, 30_000)))

    def _presence(self) -> Event:
        chance, now = self._chance, self.now
        agent = chance.choice(sorted(self.model.desk.agents))
        if chance.random() < 0.3:
            return ("alive", now, agent)
        presence = chance.choice((AVAILABLE, AVAILABLE, AVAILABLE, AVAILABLE, BUSY, AWAY, OFFLINE))
        return ("present", now, agent, presence, now + 600_000 if chance.random() < 0.1 else 0)


def tell(model: Model, event: Event) -> list[Bound]:
    """Tell the model an event."""
    name, now, *facts = event
    match name:
        case "agents":
            return list(model.agents_changed([worker_of(each) for each in facts[0]], now))
        case "arrive":
            return list(model.arrive(ticket_of(facts[0]), now))
        case "due":
            return list(model.due(now))
        case "present":
            return list(model.present(facts[0], facts[1], now, facts[2]))
        case _:
            return list(getattr(model, name)(facts[0], now, *facts[1:]))


def in_hand(model: Model, agent: str) -> list[Ticket]:
    """What an agent has, offers and wrap-up included."""
    return [
        each for each in model.desk.tickets.values() if each.agent == agent and each.state in (OFFERED, TAKEN, "gone")
    ]
