"""What a run leaves behind for the checker, and what the checker says."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .history import Attempt, History, Message
from .picture import Picture

RECEIPTS = ("delivered", "read")


@dataclass(frozen=True)
class Violation:
    """A guarantee that did not hold; `rule` is its name in the design, or what else was to be kept equal."""

    rule: str
    subject: str
    words: str

    def __str__(self) -> str:
        return f"{self.rule} {self.subject}: {self.words}"


Violations = Iterator[Violation]


@dataclass(frozen=True, kw_only=True)
class Surface:
    """What the HTTP API shows: every ticket with its articles, and the lists of what is not in tickets."""

    tickets: Mapping[str, Mapping[str, Any]]
    dead: Sequence[Mapping[str, Any]] = ()
    suspended: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Evidence:
    """Everything that is compared. `surface` and `sink` are None where a run has none."""

    history: History
    picture: Picture
    surface: Surface | None = None
    sink: Counter[str] | None = None  # mails that left us, by Message-ID without brackets

    def afresh(self) -> "Evidence":
        """The same, with nothing worked out yet."""
        return Evidence(self.history, self.picture, self.surface, self.sink)

    @cached_property
    def messages(self) -> Mapping[str, Message]:
        """What customers set out to say, by id."""
        return {message.id: message for message in self.history.messages()}

    @cached_property
    def sent(self) -> Mapping[str, str]:
        """From the sha256 of bytes that a customer sends to the message."""
        return {digest: message.id for message in self.messages.values() for digest in message.digests}

    @cached_property
    def attempts(self) -> Mapping[str, Sequence[Attempt]]:
        """The tries of each message, in their order."""
        tries: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in self.history.attempts():
            tries[attempt.message].append(attempt)
        return tries

    @cached_property
    def filed(self) -> Mapping[str, Sequence[str]]:
        """From each message to the articles that hold it, by the bytes as they came."""
        articles: dict[str, list[str]] = defaultdict(list)
        for article, digest in self.picture.originals.items():
            if digest in self.sent:
                articles[self.sent[digest]].append(article)
        return articles

    @cached_property
    def raw_of(self) -> Mapping[str, str]:
        """From an article to the id of the raw message that it was made of."""
        return {article: self.picture.articles[article]["_raw"] for article in self.picture.originals}

    @cached_property
    def lines(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        """From each message over chat to its lines: conversation and position."""
        wrote = {each.external_id: each.id for each in self.messages.values() if each.channel == "chat"}
        lines: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for conversation, log in self.picture.logs.items():
            for position, line in enumerate(log.lines, 1):
                if line["from"] == "visitor" and line["id"] in wrote:
                    lines[wrote[line["id"]]].append((conversation, position))
        return lines

    @cached_property
    def receipts(self) -> set[str]:
        """The dedup keys of all receipts that visitors can have given for lines that there are."""
        return {
            _digest("chat", site, f"{visitor}:{state}:{position}", "delivery")
            for conversation, log in self.picture.logs.items()
            for _, site, visitor in [conversation.split(":")]
            for position in range(1, len(log.lines) + 1)
            for state in RECEIPTS
        }

    def taken(self, message: str) -> set[tuple[str, str]]:
        """The copies of a message that were answered ok, each with the raw id that was named."""
        return {(each.copy, each.raw_id) for each in self.attempts.get(message, ()) if each.outcome == "ok"}


def _digest(*parts: str) -> str:
    """What the engine keeps of a dedup key."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()
