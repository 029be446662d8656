"""The customers of a run: they write what was planned, repeat what was not taken, and note what they are told."""

import asyncio
import random
from collections.abc import Iterator, Sequence

import aiohttp

from .chat_windows import Visitor, Window
from .history import Attempt, History
from .letters import Letter, Thread
from .senders import Answer, Mailer, Poster, Sender
from .station import Station

FIRST_PAUSE = 0.15
LONGEST_PAUSE = 2.0
AT_ONCE = 32


class Customers:
    """Everybody who writes in one run; visitors of the site keep their windows open until `go` is called."""

    def __init__(self, station: Station, history: History, planned: Sequence[Thread], *, seconds: float) -> None:
        self._station = station
        self._history = history
        self._threads = planned
        self._seconds = seconds
        self._given_up = asyncio.Event()
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._visitors: list[Visitor] = []

    async def write(self) -> None:
        """Returns when every letter was taken, or customers were told to give up."""
        await asyncio.gather(*(self._follow(thread) for thread in self._threads))

    def give_up(self) -> None:
        """No more tries; what was not taken stays so."""
        self._given_up.set()

    async def look_back(self) -> None:
        """Now that everything has been said, visitors see all of it, and close their windows."""
        few = asyncio.Semaphore(AT_ONCE)

        async def look(visitor: Visitor) -> None:
            async with few:
                await visitor.look_back()

        await asyncio.gather(*map(look, self._visitors))

    async def go(self) -> None:
        """They are gone."""
        for visitor in self._visitors:
            await visitor.close()
        await self._session.close()

    async def _follow(self, thread: Thread) -> None:
        await asyncio.sleep(thread.begins * self._seconds)
        for letter in thread.letters:
            self._history.add(letter.message)
        if thread.channel == "chat":
            await self._chat(thread)
            return
        sender: Sender = Mailer(self._station) if thread.channel == "mail" else Poster(self._station, self._session)
        try:
            for letter in thread.letters:
                await self._deliver(letter, sender)
        finally:
            await sender.close()

    async def _chat(self, thread: Thread) -> None:
        """A window stays open; hasty visitors send everything at once, first."""
        visitor = Visitor(self._station, self._history, self._session, thread)
        self._visitors.append(visitor)
        window = visitor.window()
        if thread.habits.hasty:
            await self._in_haste(thread.letters, window)
        for letter in thread.letters:
            if letter.repeats or not thread.habits.hasty:
                await self._deliver(letter, window, visitor)
            if thread.habits.reloads:
                await window.close()
                window = visitor.window()

    async def _in_haste(self, letters: Sequence[Letter], window: Window) -> None:
        """All that were not taken yet in one go, in their order, and again."""
        waiting, pauses = list(letters), _pauses(letters[0].message.id)
        while waiting and not self._given_up.is_set():
            began = _now()
            answers = await window.hand_over_all(waiting)
            for letter, answer in zip(waiting, answers, strict=True):
                self._note(letter, (), began, answer)
            waiting = [letter for letter, answer in zip(waiting, answers, strict=True) if not _is_final(answer)]
            if waiting:
                await asyncio.sleep(next(pauses))

    async def _deliver(self, letter: Letter, sender: Sender, visitor: Visitor | None = None) -> None:
        """All copies, each until it is taken, and again as often as planned."""
        deliveries = list(letter.copies) * (1 + letter.repeats)
        if not letter.at_once:
            for recipients in deliveries:
                await self._until_taken(letter, recipients, sender)
            return
        others = [self._another(letter, visitor) for _ in deliveries[1:]]
        try:
            await asyncio.gather(
                *(
                    self._until_taken(letter, recipients, each)
                    for recipients, each in zip(deliveries, [sender, *others], strict=True)
                )
            )
        finally:
            for each in others:
                await each.close()

    def _another(self, letter: Letter, visitor: Visitor | None) -> Sender:
        if visitor is not None:
            return visitor.window()
        return Mailer(self._station) if letter.message.channel == "mail" else Poster(self._station, self._session)

    async def _until_taken(self, letter: Letter, recipients: tuple[str, ...], sender: Sender) -> None:
        pauses = _pauses(f"{letter.message.id} {recipients}")
        while not self._given_up.is_set():
            began = _now()
            answer = await sender.hand_over(letter, recipients)
            self._note(letter, recipients, began, answer)
            if _is_final(answer):
                return
            await asyncio.sleep(next(pauses))

    def _note(self, letter: Letter, recipients: tuple[str, ...], began: float, answer: Answer) -> None:
        self._history.add(
            Attempt(
                message=letter.message.id,
                copy=" ".join(recipients),
                began=began,
                ended=_now(),
                outcome=answer.outcome,
                answer=answer.words,
                raw_id=answer.raw_id,
            )
        )


def _now() -> float:
    return asyncio.get_running_loop().time()


def _is_final(answer: Answer) -> bool:
    return answer.outcome in ("ok", "permanent")


def _pauses(chance: str) -> Iterator[float]:
    random_, pause = random.Random(chance), FIRST_PAUSE
    while True:
        yield pause * random_.uniform(0.7, 1.3)
        pause = min(LONGEST_PAUSE, pause * 2)
