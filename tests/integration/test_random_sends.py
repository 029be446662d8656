"""Whatever breaks, in whatever order it is told: each answer ends once, and the ticket has once what the customer has.

A vendor that takes answers, puts them off, refuses them, loses its own answer, or is sent to by a process that dies;
and that echoes all that is in its inbox, also what colleagues write there in the same words, late, twice, in any order.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from trunkline.config.errors import AccountUnavailable, DeliveryDeferred, DeliveryFailed, DeliveryUnknown
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.queue.work import LEASE_MS
from trunkline.router.delivery import _Job
from trunkline.router.ticket_requests import Writing

from .conftest import SETTINGS, Desk

ACCOUNTS = ("desk", "other")
WORDS = ("Yes", "No", "Yes, tomorrow", "It left")
STEPS = 60
MINUTE = 60_000
ARRIVED = ("sent", "delivered", "read")
ENDS: dict[str, Callable[[], Exception]] = {
    "put off": lambda: DeliveryDeferred("not now"),
    "account down": lambda: AccountUnavailable("it is not reached"),
    "refused": lambda: DeliveryFailed("no such user"),
    "broken off": lambda: DeliveryUnknown("no answer"),
    "failing": lambda: DeliveryUnknown("it failed over it: 502", account_waits=True),
}


@dataclass(frozen=True)
class Shown:
    """A message in the vendor's inbox; ids count within an account."""

    account: str
    id: str
    text: str
    at: int


class Life:
    """A desk and its vendor, the same for the same seed."""

    def __init__(self, desk: Desk, seed: int, *, tells: bool) -> None:
        self.desk = desk
        self.chance = random.Random(seed)
        self.inbox: list[Shown] = []
        self.untold: list[Shown] = []
        self.taken = Counter[str]()
        self.works = False
        self.told: list[str] = []
        desk.delivery._senders = {"test": self.send}
        if tells:
            desk.delivery._lookers = {"test": self.look_up}
        self.places: dict[str, Shown] = {}

    def put(self, account: str, text: str) -> Shown:
        number = sum(each.account == account for each in self.inbox)
        shown = Shown(account, f"7:{number}", text, self.desk.clock.now())
        self.inbox.append(shown)
        self.untold.append(shown)
        return shown

    def take(self, outgoing: Outgoing) -> str:
        self.taken[outgoing.article_id] += 1
        self.places[outgoing.article_id] = self.put(outgoing.account, outgoing.text)
        return self.places[outgoing.article_id].id

    async def send(self, outgoing: Outgoing) -> Sent:
        if self.works or self.chance.random() < 0.4:
            id_ = self.take(outgoing)
            if self.chance.random() < 0.3:
                await self.tell()
            if self.works or self.chance.random() < 0.7:
                return Sent(reference=id_)
            raise DeliveryUnknown("the answer was lost")
        raise self.chance.choice(list(ENDS.values()))()

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        shown = self.places.get(outgoing.article_id)
        return Sent(reference=shown.id) if shown else None

    async def tell(self) -> None:
        """One message of the inbox is told of, for the first time or again."""
        shown = self.chance.choice(self.inbox)
        if shown in self.untold:
            self.untold.remove(shown)
        await self.desk.write(
            shown.text,
            sender="",
            account=shown.account,
            conversation=f"chat:{shown.account}",
            external_id=shown.id,
            direction="out",
            sent_at=shown.at,
            dedup=f"{shown}{self.chance.random()}",
        )
        await self.desk.filers.run_once()

    async def step(self) -> None:
        name = self.chance.choice(["answer", "colleague", "echo", "receipt", "dies", "restarts", "passes", "recovers"])
        self.told.append(name)
        await getattr(self, name)()
        if self.chance.random() < 0.8:
            await self.desk.settle()

    async def answer(self) -> None:
        ticket = self.chance.choice(await self.desk.tickets())
        await self.desk.actions.reply(ticket.id, Writing(text=self.chance.choice(WORDS), agent="ada", actor="ada"))

    async def colleague(self) -> None:
        self.put(self.chance.choice(ACCOUNTS), self.chance.choice(WORDS))

    async def echo(self) -> None:
        if self.inbox:
            await self.tell()

    async def receipt(self) -> None:
        if self.inbox:
            shown = self.chance.choice(self.inbox)
            state = self.chance.choice(["delivered", "read"])
            await self.desk.write(account=shown.account, receipts={shown.id: state})

    async def dies(self) -> None:
        """A process dies while it sends, before or after the vendor has the message."""
        batch = await self.desk.senders.queue.claim(self.desk.clock.now(), lanes=1)
        for entry in [lane[0] for lane in batch.lanes]:
            names = json.loads(entry.payload)
            job = _Job(entry, names["article"], names["ticket"])
            outgoing = await self.desk.delivery.outgoing(job.article, job.ticket)
            assert outgoing is not None
            begun = await self.desk.delivery._begin(job, outgoing)
            if begun[0] == b"GO" and self.chance.random() < 0.5:
                self.take(outgoing)
        self.desk.clock.advance(LEASE_MS)

    async def restarts(self) -> None:
        await self.desk.delivery.parking.try_again()

    async def passes(self) -> None:
        self.desk.clock.advance(self.chance.choice([1_000, 20_000, MINUTE, 10 * MINUTE]))

    async def recovers(self) -> None:
        self.works = self.chance.random() < 0.5

    async def ends(self) -> None:
        """Everything is told, and all that waits is tried."""
        self.works = True
        for _ in range(12):
            while self.untold:
                await self.tell()
            self.desk.clock.advance(10 * MINUTE)
            await self.desk.settle()


async def judged(life: Life) -> None:
    desk = life.desk
    assert await desk.senders.queue.counts() == {"entries": 0, "later": 0, "dead": 0}
    assert await desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}
    assert [each.waiting for each in await desk.delivery.parking.list()] in ([], [0], [0, 0])
    assert set(life.taken.values()) <= {1}, "no answer is sent twice"
    for ticket in await desk.tickets():
        shown = Counter(each.text for each in life.inbox if each.account == ticket.account)
        replies = [each for each in await desk.reader.articles(ticket.id) if each.author.kind != "customer"]
        known, newest = Counter[str](), None
        for article in replies:
            assert article.delivery is not None
            state = article.delivery.state
            assert state in (*ARRIVED, "failed", "unknown")
            known[article.text] += state in ARRIVED and article.text in WORDS
            assert not (state == "failed" and life.taken[article.id])
            newest = article if article.author.kind == "agent" else newest
        assert +known == shown
        if newest is not None and newest.delivery is not None and newest.delivery.state == "unknown":
            assert ticket.undelivered


async def lived(url: str, keys: Keys, folder: Path, seed: int) -> None:
    engine = Engine(url, keys)
    desk = Desk(engine, folder, {**SETTINGS, "acknowledgement": {"enabled": False}})
    await desk.blobs.start()
    await desk.start()
    try:
        for account in ACCOUNTS:
            sender = f"{account}@example.org"
            await desk.write(f"to {account}", account=account, conversation=f"chat:{account}", sender=sender)
            await desk.settle()
        life = Life(desk, seed, tells=seed % 2 == 1)
        try:
            for _ in range(STEPS):
                await life.step()
            await life.ends()
            await judged(life)
        except AssertionError as error:
            raise AssertionError(f"{error}\nafter: {', '.join(life.told)}") from error
    finally:
        await desk.blobs.stop()
        await engine.close()


@pytest.mark.parametrize("seed", range(4))
async def test_every_answer_ends_once_and_what_the_customer_has_is_told_once(
    engine_url: str, keys: Keys, tmp_path: Path, seed: int
) -> None:
    await lived(engine_url, keys, tmp_path / "blobs", seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4, 64))
async def test_every_answer_ends_once_in_many_lives(engine_url: str, keys: Keys, tmp_path: Path, seed: int) -> None:
    await lived(engine_url, keys, tmp_path / "blobs", seed)
