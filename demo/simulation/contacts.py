"""The plan of a demo: who comes when, on which way, about what, and what they will say. Pure: seed in, contacts out.

A contact is planned to its end, as far as it lies with the customer: the turns they will take if they are answered,
whether they are angry, whether their mail comes twice or their page is loaded anew. What the agents make of it is
decided when it happens.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from .chance import chance
from .people import Habit, Person, Way, the_people
from .talk import Scenario, Talk, Turn, talk_in

Quirk = Literal["twice", "reload", "file", "address", "phone", "voice", "edit", "thumb", "number"]

EARLY = 8  # so many come close upon one another at the beginning
EARLY_SECONDS = 1.2
TIDE, TIDE_SECONDS = 0.5, 150.0

_GREETS_FIRST = 0.25  # where one writes line by line: a line of its own, and only then what it is about

_SHOWS_FILES: frozenset[Way] = frozenset({"mail", "chat", "telegram", "whatsapp"})

_GOES_ON: dict[Habit, float] = {"terse": 0.3, "plain": 0.55, "chatty": 0.85, "angry": 0.5}
_THANKS: dict[Habit, float] = {"terse": 0.45, "plain": 0.75, "chatty": 0.95, "angry": 0.25}
_QUIRKS: dict[Way, dict[Quirk, float]] = {
    "mail": {"twice": 0.06, "phone": 0.25},
    "form": {"twice": 0.1},
    "chat": {"reload": 0.2, "address": 0.25},
    "telegram": {"edit": 0.25, "thumb": 0.4, "voice": 0.15},
    "whatsapp": {"voice": 0.2},
    "sms": {},
}


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One customer with one concern."""

    number: int
    at: float
    """Seconds of life after the beginning."""
    person: Person
    way: Way
    topic: str
    subject: str
    opening: tuple[str, ...]
    """By mail, form and SMS one text, elsewhere some lines."""
    turns: tuple[str, ...]
    """What they say to one answer after the other."""
    thanks: str
    """What they say at the end; empty when they say nothing."""
    quirks: frozenset[Quirk]

    @property
    def talk(self) -> Talk:
        """The words of their language."""
        return talk_in(self.person.language)

    def dice(self, seed: int, *about: object) -> Random:
        """Dice for what is decided while the contact goes on."""
        return chance(seed, "visit", self.number, *about)


def contacts(seed: int, per_minute: float, ways: Sequence[Way]) -> Iterator[Contact]:
    """All contacts, in order, for ever; `ways` are those that can be taken here."""
    people = [person for person in the_people() if set(person.ways) & set(ways)]
    at, number, recent = 0.0, 0, list[Person]()
    while True:
        dice = chance(seed, "visit", number)
        at += dice.expovariate(1.0) * (EARLY_SECONDS if number < EARLY else 60.0 / (per_minute * _tide(at)))
        person = dice.choice([person for person in people if person not in recent] or people)
        recent = [*recent, person][-min(12, len(people) - 1) :] if len(people) > 1 else []
        yield _contact(number, at, person, ways, dice)
        number += 1


def _tide(at: float) -> float:
    """They come in waves, so that at times somebody waits and at times nobody does."""
    return 1.0 + TIDE * math.sin(2 * math.pi * at / TIDE_SECONDS)


def _contact(number: int, at: float, person: Person, ways: Sequence[Way], dice: Random) -> Contact:
    talk = talk_in(person.language)
    way = dice.choice([way for way in person.ways if way in ways])
    topic = dice.choice(sorted(talk.topics))
    scenario = dice.choice(talk.topics[topic].scenarios)
    numbers = {"order": f"{dice.randrange(10, 99)}-{dice.randrange(10_000, 99_999)}", "amount": dice.randrange(18, 240)}
    quirks = {quirk for quirk, share in _QUIRKS[way].items() if dice.random() < share}
    if topic == "damaged" and way in _SHOWS_FILES:
        quirks.add("file")
    if way == "telegram" and "sms" in person.ways:
        quirks.add("number")
    thanks = dice.choice(talk.thanks) if dice.random() < _THANKS[person.habit] else ""
    return Contact(
        number=number,
        at=at,
        person=person,
        way=way,
        topic=topic,
        subject=scenario.subject.format(**numbers),
        opening=tuple(line.format(**numbers) for line in _opening(talk, scenario, person, way, dice)),
        turns=tuple(turn.format(**numbers) for turn in _turns(scenario, person.habit, dice)),
        thanks=thanks,
        quirks=frozenset(quirks),
    )


def _opening(talk: Talk, scenario: Scenario, person: Person, way: Way, dice: Random) -> tuple[str, ...]:
    angry = dice.choice(talk.angry) if person.habit == "angry" else ""
    if way not in ("mail", "form"):
        lines = (*scenario.chat, *((angry,) if angry else ()))
        greeting, apart = dice.choice(talk.chat.greetings), dice.random() < _GREETS_FIRST
        if way == "sms":
            return ("\n".join((greeting, *lines) if apart else lines),)
        if person.habit == "terse":
            return lines
        return (greeting, *lines) if apart else (f"{greeting} {lines[0]}", *lines[1:])
    paragraphs = scenario.mail.split("\n\n")[: 1 if person.habit == "terse" else None]
    text = "\n\n".join([*paragraphs, *([angry] if angry else [])])
    return (text if way == "mail" else text[0].upper() + text[1:],)


def _turns(scenario: Scenario, habit: Habit, dice: Random) -> Iterator[str]:
    ways: tuple[Turn, ...] = scenario.then
    while ways and dice.random() < _GOES_ON[habit]:
        turn = dice.choice(ways)
        yield turn.say
        ways = turn.then
