"""The customers of a run: they write what was planned, repeat what was not taken, and note what they are told."""

import asyncio
import random
from collections.abc import Sequence

import aiohttp

from .history import Attempt, History
from .letters import Letter, Thread
from .senders import Answer, Mailer, Poster, Sender
from .station import Station

FIRST_PAUSE = 0.15
LONGEST_PAUSE = 2.0


class Customers:
    """Everybody who writes in one run."""

    def __init__(self, station: Station, history: History, planned: Sequence[Thread], *, seconds: float) -> None:
        self._station = station
        self._history = history
        self._threads = planned
        self._seconds = seconds
        self._given_up = asyncio.Event()

    async def write(self) -> None:
        """Returns when every letter was taken, or customers were told to give up."""
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            await asyncio.gather(*(self._follow(thread, session) for thread in self._threads))

    def give_up(self) -> None:
        """No more tries; what was not taken stays so."""
        self._given_up.set()

    async def _follow(self, thread: Thread, session: aiohttp.ClientSession) -> None:
        await asyncio.sleep(thread.begins * self._seconds)
        sender: Sender = Mailer(self._station) if thread.letters[0].message.channel == "mail" else self._poster(session)
        try:
            for letter in thread.letters:
                self._history.add(letter.message)
                await self._deliver(letter, sender, session)
        finally:
            await sender.close()

    def _poster(self, session: aiohttp.ClientSession) -> Poster:
        return Poster(self._station, session)

    async def _deliver(self, letter: Letter, sender: Sender, session: aiohttp.ClientSession) -> None:
        """All copies, each until it is taken, and again as often as planned."""
        deliveries = list(letter.copies) * (1 + letter.repeats)
        if not letter.at_once:
            for recipients in deliveries:
                await self._until_taken(letter, recipients, sender)
            return
        others: list[Sender] = [
            Mailer(self._station) if letter.message.channel == "mail" else self._poster(session) for _ in deliveries[1:]
        ]
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

    async def _until_taken(self, letter: Letter, recipients: tuple[str, ...], sender: Sender) -> None:
        chance, pause = random.Random(f"{letter.message.id} {recipients}"), FIRST_PAUSE
        while not self._given_up.is_set():
            answer = await self._attempt(letter, recipients, sender)
            if answer.outcome in ("ok", "permanent"):
                return
            await asyncio.sleep(pause * chance.uniform(0.7, 1.3))
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _attempt(self, letter: Letter, recipients: tuple[str, ...], sender: Sender) -> Answer:
        now = asyncio.get_running_loop().time
        began = now()
        answer = await sender.hand_over(letter, recipients)
        self._history.add(
            Attempt(
                message=letter.message.id,
                copy=" ".join(recipients),
                began=began,
                ended=now(),
                outcome=answer.outcome,
                answer=answer.words,
                raw_id=answer.raw_id,
            )
        )
        return answer
