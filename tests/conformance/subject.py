"""What the conformance tests need of a channel: its sender, what receives from it, and an intake in memory."""

import asyncio
import itertools
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from trunkline.adapters.card import Card
from trunkline.adapters.contract import Adapter
from trunkline.config.errors import Conflict, TrunklineError
from trunkline.normalizer.envelope import Assurance, RawMessage
from trunkline.web.service import WebService

Alter = Callable[[str], str | None]
"""From the right signature or token of a post to the one that it is given; None: to none."""

Answer = Literal["taken", "later", "never"]
"""What a sender hears: stored; try again; do not try again."""


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
    believed = Assurance.CLAIMED
    """How far the channel proves a stranger."""
    given_id = ""
    """The id that the vendor gave to what we sent last, where receipts will name it by the vendor's id, not by ours."""
    largest = 1024 * 1024
    """Bytes of a post; more is refused."""
    secrets: tuple[str, ...] = ()
    """What stands in no line of a log."""
    gives_files = False
    """Whether messages name files that are fetched later; `deliver_file` is there then."""

    def __init__(self) -> None:
        self.intake = MemoryIntake()
        self.numbers = itertools.count(1)

    @abstractmethod
    async def open(self) -> None:
        """Make the adapter and the far end; the adapter is not started."""

    @abstractmethod
    async def close(self) -> None:
        """End both."""

    @abstractmethod
    async def deliver(self, identifier: str, text: str) -> Answer:
        """Be the channel: hand in a message under its own id. Raises ConnectionRefusedError when nobody listens."""

    # What not every channel can do is asked only of those whose cards say that they can; these have it.

    async def deliver_file(self, identifier: str, content: bytes) -> Answer:
        """As `deliver`, a message that only names a file, which the far end gives out while it is `taken`."""
        raise NotImplementedError

    async def post_as(self, alter: Alter, body: bytes = b"") -> int:
        """A message, or this body, proven as the channel proves it but for what `alter` does; the status."""
        raise NotImplementedError

    async def deliver_change(self, kind: str) -> None:
        """A message, and then what changes it: an edit, a delete or a reaction."""
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


def url_of(service: WebService, path: str = "") -> str:
    host, port = service.address
    return f"http://{host}:{port}/{path}"
