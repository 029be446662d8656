"""What the conformance tests need of a channel: its sender, what receives from it, and an intake in memory."""

import asyncio
import itertools
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, Literal

from aiohttp import ClientSession

from trunkline.adapters.capability import Proof
from trunkline.adapters.card import Card
from trunkline.adapters.contract import Adapter
from trunkline.config.errors import Conflict, TrunklineError
from trunkline.normalizer.envelope import Assurance, RawMessage
from trunkline.web.service import WebService

Alter = Callable[[str], str | None]
"""From the right signature or token of a post to the one that it is given; None: to none."""

Answer = Literal["taken", "later", "never"]
"""What a sender hears: stored; try again; do not try again."""


@dataclass(frozen=True)
class Sealed:
    """A post as the vendor makes it; `proof` is the header that proves it."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    proof: str

    def altered(self, alter: Alter) -> "Sealed":
        """The same with another proof."""
        proof = alter(self.headers[self.proof])
        others = {name: value for name, value in self.headers.items() if name != self.proof}
        return replace(self, headers=others | ({} if proof is None else {self.proof: proof}))


@dataclass
class Accepted:
    id: str
    duplicate: bool
    sequence: int
    position: int = 0


@dataclass
class MemoryIntake:
    """Keeps what adapters hand in, and recognises repeats as the engine does."""

    raws: list[RawMessage] = field(default_factory=list)
    seen: dict[tuple[str, ...], tuple[RawMessage, bytes]] = field(default_factory=dict)
    failure: TrunklineError | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def demand_room(self) -> None:
        if self.failure is not None:
            raise self.failure

    async def accept(
        self,
        *,
        channel: str,
        account: str,
        external_id: str,
        kind: str,
        lane: str,
        content: bytes,
        transport: Any,
        dedup: str | None = None,
        says: bytes | None = None,
        **_: Any,
    ) -> Accepted:
        assert lane
        self.entered.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        key = (channel, dedup) if dedup is not None else (channel, account, external_id, kind)
        said = content if says is None else says
        known, before = self.seen.get(key, (None, b""))
        if known is not None and said != before:
            raise Conflict("another message was stored under this id before")
        if known is not None:
            return Accepted(known.id, True, known.sequence, known.sequence)
        number = len(self.raws) + 1
        raw = RawMessage(
            id=str(uuid.UUID(int=number)),
            channel=channel,
            account=account,
            external_id=external_id,
            received_at=1_700_000_000_000 + number,
            content=content,
            size=len(content),
            transport=transport,
            sequence=number,
        )
        self.seen[key] = raw, said
        self.raws.append(raw)
        return Accepted(raw.id, False, number, number)


class Subject(ABC):
    """One adapter under test: its channel's sender, and what receives from it."""

    card: Card
    adapter: Adapter
    account: str
    sender_key: str
    listens_itself = False
    has_vendor = True
    """Whether answers go through an account at a vendor, which can be shut or want to be left alone."""
    seals_any = True
    """Whether any bytes can be a post of the vendor, proven."""
    believed = Assurance.CLAIMED
    """How far the channel proves a stranger."""
    given_id = ""
    """The id that the vendor gave to what we sent last, where receipts will name it by the vendor's id, not by ours."""
    largest = 1024 * 1024
    """Bytes of a post; more is refused."""
    secrets: tuple[str, ...] = ()
    """What stands in no line of a log."""
    stamp = ""
    """The moment that a proof names, as it is written there; empty where it names none."""
    deadline: float | None = None
    """Seconds in which the vendor wants our answer, where that is not what the card says."""
    asks_for = 0
    """Seconds for which the far end wants to be left alone when it answers `later`, where it says so."""
    receipts: tuple[str, ...] | None = None
    """What is told of an answer, where that is not all that the card says."""
    gives_files = False
    """Whether messages name files that are fetched later; `deliver_file` is there then."""

    needs: tuple[str, ...] = ()
    """Fixtures that it is `given` before it opens."""

    def __init__(self) -> None:
        self.given: dict[str, Any] = {}
        self.intake = MemoryIntake()
        self.numbers = itertools.count(1)

    @abstractmethod
    async def open(self) -> None:
        """Make the adapter and the far end; the adapter is not started."""

    @abstractmethod
    async def close(self) -> None:
        """End both."""

    @property
    def proof(self) -> Proof:
        """What makes a message the channel's."""
        assert self.card.capability.handing is not None
        return self.card.capability.handing.proof

    @abstractmethod
    async def deliver(self, identifier: str, text: str) -> Answer:
        """Be the channel: hand in a message under its own id, a number; a lower one was written earlier.

        Raises ConnectionRefusedError when nobody listens.
        """

    # What not every channel can do is asked only of those whose cards say that they can; these have it.

    async def deliver_to_one(self, identifier: str, text: str) -> Answer:
        """As `deliver`; all of them are one conversation."""
        return await self.deliver(identifier, text)

    async def deliver_file(self, identifier: str, content: bytes) -> Answer:
        """As `deliver`, a message that only names a file, which the far end gives out while it is `taken`."""
        raise NotImplementedError

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:
        """A message, or this body, proven as the channel proves it, at this moment where a proof names one."""
        raise NotImplementedError

    async def post_as(self, alter: Alter, body: bytes = b"") -> int:
        """A message, or this body, proven as the channel proves it but for what `alter` does; the status."""
        async with ClientSession() as session:
            return await hand_in(session, self.sealed(body).altered(alter))

    async def deliver_change(self, kind: str, *, first: bool = False) -> None:
        """A message, and then what changes it, or the other way round: an edit, a delete or a reaction."""
        raise NotImplementedError

    async def deliver_receipt(self, state: str) -> None:
        """What became of what we sent last: delivered, read or failed."""
        raise NotImplementedError

    async def deliver_windowed(self) -> Answer:
        """A message on the way of the channel whose window for answers shuts, where there is one."""
        return await self.deliver("1", "Hello")

    def refuse_credentials(self) -> None:
        """From now on the far end does not know our credentials."""
        raise NotImplementedError

    @abstractmethod
    def set_far_end(self, answer: Answer | Literal["away", "silent"]) -> None:
        """How the far end meets what is sent: it takes it, puts it off, refuses it, is away, or dies over it."""

    @property
    def address(self) -> str:
        """Where an answer to the sender goes."""
        return self.sender_key.partition(":")[2]

    @property
    @abstractmethod
    def arrived(self) -> list[bytes]:
        """What the far end has taken."""


async def hand_in(session: ClientSession, sealed: Sealed) -> int:
    """Post it; the status."""
    async with session.post(sealed.url, data=BytesIO(sealed.body), headers=sealed.headers) as response:
        return response.status


def url_of(service: WebService, path: str = "") -> str:
    host, port = service.address
    return f"http://{host}:{port}/{path}"
