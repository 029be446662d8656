"""The history of a run: what customers and agents asked for, what they were told, and what was broken meanwhile.

One JSON line a record, written before the next step of whoever wrote it, so a run that was broken off can be checked
too. An answer is one of six:

    ok          250, 2xx: from here on it is our promise
    temporary   451, 452, 421, 503: try again later
    permanent   any other refusal; a sender gives the message up
    unreached   the message was not handed over whole, so it cannot have been taken
    unknown     it was, and no answer came: it may have been taken or not
    conflict    409, for agents only: somebody else was first
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

Outcome = Literal["ok", "temporary", "permanent", "unreached", "unknown", "conflict"]


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a customer set out to say; `id` is also a word in its text that no other message has."""

    id: str
    channel: Literal["mail", "http", "chat"]
    external_id: str  # Message-ID without its brackets, webhook-id, or the id that the visitor's client chose
    digests: tuple[str, ...]  # sha256 of the bytes that are sent; several when relays add lines of their own
    conversation: str = (
        ""  # messages of one are sent one after the other; but for hasty visitors, each when the last was taken
    )


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try to hand a message over; `copy` names the recipients of this copy of a mail."""

    message: str
    copy: str = ""
    began: float
    ended: float
    outcome: Outcome
    answer: str = ""
    raw_id: str = ""  # that was named; of a line of a chat its place in the log, as conversation@position


@dataclass(frozen=True, kw_only=True)
class Action:
    """One try of an agent to do something; tries of one thing share their `key`."""

    key: str
    agent: str
    ticket: str
    what: str
    began: float
    ended: float
    outcome: Outcome
    answer: str = ""
    text: str = ""  # of a reply: a word that no other has


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One line of a chat that was shown in a window."""

    window: str
    conversation: str
    position: int
    id: str
    author: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A window that was open to the end: everything had been said when it looked last."""

    window: str
    conversation: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that was broken, and whether what was to be seen of it was seen."""

    what: str
    began: float
    ended: float
    held: bool = True
    note: str = ""


Record = Message | Attempt | Action | Sight | Stay | Fault
_Kind = TypeVar("_Kind", Message, Attempt, Action, Sight, Stay, Fault)
_KINDS: dict[str, type[Record]] = {kind.__name__: kind for kind in (Message, Attempt, Action, Sight, Stay, Fault)}


class History:
    """The records in the order in which they were written."""

    def __init__(self, records: Iterable[Record] = (), *, file: Path | None = None) -> None:
        self.records: list[Record] = []
        self._file = file.open("a", encoding="utf-8", buffering=1) if file is not None else None
        for record in records:
            self.add(record)

    @classmethod
    def load(cls, file: Path) -> "History":
        """A history from its file."""
        lines = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
        return cls(_record(line) for line in lines)

    def add(self, record: Record) -> None:
        """Write it down."""
        self.records.append(record)
        if self._file is not None:
            self._file.write(json.dumps({"record": type(record).__name__} | asdict(record)) + "\n")

    def close(self) -> None:
        """Nothing more is written."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def messages(self) -> list[Message]:
        """What customers set out to say."""
        return self._all(Message)

    def attempts(self) -> list[Attempt]:
        """Their tries."""
        return self._all(Attempt)

    def attempts_since(self, known: int) -> list[Attempt]:
        """Those among the records behind the first `known`."""
        return [record for record in self.records[known:] if isinstance(record, Attempt)]

    def actions(self) -> list[Action]:
        """What agents tried."""
        return self._all(Action)

    def sights(self) -> list[Sight]:
        """What visitors saw in their windows."""
        return self._all(Sight)

    def stays(self) -> list[Stay]:
        """The windows that were open to the end."""
        return self._all(Stay)

    def faults(self) -> list[Fault]:
        """What was broken."""
        return self._all(Fault)

    def _all(self, kind: type[_Kind]) -> list[_Kind]:
        return [record for record in self.records if isinstance(record, kind)]


def _record(line: dict[str, Any]) -> Record:
    kind: Any = _KINDS[line.pop("record")]
    record: Record = kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in line.items()})
    return record
