"""What a simulated agent is like, and what they decide: pure, by dice of their own for each occasion."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .chance import chance
from .people import BreakTime, the_teamwork

Mood = Literal["accept", "decline", "miss"]

ACCEPTS, DECLINES = 0.82, 0.1  # of all offers; what is left is missed
REACTION = (0.7, 2.6)
READING = (0.8, 2.0)
LOOKING_UP = (1.5, 6.5)  # what a mail asks for; in the chat they say it while they look
TYPED_A_SECOND = 32.0  # characters; agents have good texts at hand
LONGEST_TYPING = 8.0
SHIFT = (70.0, 150.0)
NOTES, PENDING, ON_HOLD = 0.16, 0.45, 0.06
HELLO = 0.75


@dataclass(frozen=True, kw_only=True)
class Answering:
    """How an agent deals with one message: seconds of life, and choices."""

    reading: float
    typing: float
    note: bool
    hello: bool
    status: Literal["pending", "on_hold", "solved"]


class Behaviour:
    """The moods of one agent."""

    def __init__(self, seed: int, agent: str) -> None:
        self._seed = seed
        self._agent = agent
        self._slowness = chance(seed, "agent", agent).uniform(0.75, 1.5)

    def offer(self, about: str, time: int) -> tuple[Mood, str]:
        """What becomes of an offer, the n-th to this agent, and with which words it is declined."""
        dice = chance(self._seed, "offer", self._agent, about, time)
        share = dice.random()
        mood: Mood = "accept" if share < ACCEPTS else "decline" if share < ACCEPTS + DECLINES else "miss"
        return mood, dice.choice(the_teamwork().reasons)

    def reaction(self, about: str, time: int) -> float:
        """How long they look at an offer before they decide."""
        return chance(self._seed, "reaction", self._agent, about, time).uniform(*REACTION) * self._slowness

    def answering(self, said: str, answer: str, *, chat: bool) -> Answering:
        """How they deal with these words."""
        dice = chance(self._seed, "answer", self._agent, said)
        share = dice.random()
        return Answering(
            reading=(dice.uniform(*READING) + (0.0 if chat else dice.uniform(*LOOKING_UP))) * self._slowness,
            typing=min(LONGEST_TYPING, len(answer) / TYPED_A_SECOND) * self._slowness,
            note=dice.random() < NOTES,
            hello=dice.random() < HELLO,
            status="on_hold" if share < ON_HOLD else "pending" if share < ON_HOLD + PENDING else "solved",
        )

    def breaks(self) -> Iterator[tuple[float, BreakTime]]:
        """Their breaks: after how much work, and what kind of break."""
        dice = chance(self._seed, "breaks", self._agent)
        first = dice.uniform(0.2, 1.0)
        while True:
            yield dice.uniform(*SHIFT) * first, dice.choice(the_teamwork().breaks)
            first = 1.0
