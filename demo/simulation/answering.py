"""What a simulated agent makes of a customer's words, and what they answer: pure.

An agent knows the scenarios of the demo: the longest of their texts that is in what the customer wrote says what it is
about. Who writes something that is in no scenario is a stranger, a person perhaps: then words of the language tell the
topic, and if none does, a general answer is given.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from .talk import Scenario, Talk, Turn, talk_in

_PLACE = re.compile(r"\{\w+\}")
_ORDER = re.compile(r"\b\d\d-\d{5}\b")
_AMOUNT = re.compile(r"(?<![\w-])(\d{2,3})(?= ?(?:€|欧元))|(?<=€)(\d{2,3})(?!\w)")
_SHORTEST = 6  # characters that say something about where a text comes from


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What the customer's words are."""

    answer: str
    """What is said to it; with places for numbers."""
    topic: str = ""
    known: bool = True
    """Whether it is from the demo."""
    over: bool = False
    """Whether it is the last word: thanks, or a farewell."""


def understood(language: str, said: str, dice: Random) -> Understood:
    """What these words of a customer are, and what can be answered to them."""
    talk, plain = talk_in(language), _plain(said)
    found = [entry for fragment, entry in _fragments(language) if fragment in plain]
    if found:
        last = max(found, key=lambda entry: entry.rank)
        sorry = f"{talk.agent.sorry}\n\n" if any(_plain(words) in plain for words in talk.angry) else ""
        return Understood(answer=sorry + last.answer, topic=last.topic)
    for words in (*talk.thanks, *talk.chat.leaving):
        if _plain(words) in plain:
            return Understood(answer=dice.choice(talk.agent.welcome), over=True)
    return _strange(talk, said, dice)


def filled_in(answer: str, said: str) -> str:
    """The answer with the numbers that the customer has named anywhere in the conversation."""
    order, amount = _ORDER.search(said), _AMOUNT.search(said)
    numbers = {"order": order[0] if order else "", "amount": (amount[1] or amount[2]) if amount else ""}
    text = _PLACE.sub(lambda place: numbers.get(place[0][1:-1], ""), answer)
    return re.sub(r" {2,}", " ", text)


def _strange(talk: Talk, said: str, dice: Random) -> Understood:
    words = said.casefold()
    known = any(_plain(each) in _plain(said) for each in (*talk.chat.greetings, *talk.chat.waiting, *talk.angry))
    for name, topic in sorted(talk.topics.items()):
        if any(re.search(rf"(?<!\w){re.escape(word.casefold())}", words) for word in topic.words):
            return Understood(answer=dice.choice(topic.scenarios).answer, topic=name, known=known)
    return Understood(answer=dice.choice(talk.agent.generic), known=known)


@dataclass(frozen=True)
class _Entry:
    rank: tuple[int, int]
    topic: str
    answer: str


@lru_cache(maxsize=32)
def _fragments(language: str) -> tuple[tuple[str, _Entry], ...]:
    """Every piece of text that gives a scenario or a turn away; later turns outrank earlier ones."""
    found = list[tuple[str, _Entry]]()
    for name, topic in sorted(talk_in(language).topics.items()):
        for scenario in topic.scenarios:
            texts = (*scenario.mail.split("\n\n")[:1], *scenario.chat)
            found += [entry for text in texts for entry in _of(text, 0, name, scenario)]
            found += _of_turns(scenario.then, 1, name)
    return tuple(found)


def _of_turns(turns: tuple[Turn, ...], depth: int, topic: str) -> list[tuple[str, _Entry]]:
    found = list[tuple[str, _Entry]]()
    for turn in turns:
        found += [*_of(turn.say, depth, topic, turn), *_of_turns(turn.then, depth + 1, topic)]
    return found


def _of(text: str, depth: int, topic: str, answered: Scenario | Turn) -> list[tuple[str, _Entry]]:
    piece = max(map(_plain, _PLACE.split(text)), key=len)
    return [(piece, _Entry((depth, len(piece)), topic, answered.answer))] if len(piece) >= _SHORTEST else []


def _plain(text: str) -> str:
    """Without blanks and case, because mail programs fold lines."""
    return re.sub(r"\s+|>", "", text).casefold()
