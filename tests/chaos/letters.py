"""What customers will write: everything in it follows from the seed, down to the last byte.

A thread is what one customer writes in one conversation, one letter after the answer to the one before. Mail threads
refer to their own first mails, as a person who writes again does; threads over HTTP name a conversation. A thread of
chat is a visitor of the site, who has habits: hasty ones send without waiting for the answer.
"""

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from .history import Message
from .station import ADDRESSES

LARGE = 90_000  # characters; over what the engine holds itself
LANGUAGE, PAGE = "en", "https://shop.example.test/cart"
WORDS = ("lamp", "invoice", "refund", "delivery", "password", "broken", "late", "thanks", "please", "again")


Channel = Literal["mail", "http", "chat"]


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message as it goes over the wire; mails may go out in several copies with recipients of their own."""

    message: Message
    content: bytes
    sender: str
    copies: Sequence[tuple[str, ...]] = ((),)
    repeats: int = 0  # how often it is delivered again although it was taken
    at_once: bool = False  # its copies and repeats go out together


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How a visitor of the site chats."""

    polls: bool = False  # has no WebSocket
    hasty: bool = False  # sends all letters at once
    reloads: bool = False  # the page, after each letter
    signed_in: bool = False  # to the page, which says so
    attentive: bool = False  # says what they have read


@dataclass(frozen=True, kw_only=True)
class Thread:
    """One conversation of one customer; `begins` is a part of the time that there is."""

    name: str
    begins: float
    letters: Sequence[Letter]
    habits: Habits = Habits()

    @property
    def channel(self) -> Channel:
        """The channel of all its letters."""
        return self.letters[0].message.channel


def threads(seed: int, messages: int) -> list[Thread]:
    """As many threads as it takes to write so many messages."""
    chance, planned, written = random.Random(seed), list[Thread](), 0
    while written < messages:
        length = min(chance.choice((1, 1, 2, 3, 5)), messages - written)
        planned.append(_thread(chance, seed, len(planned), length))
        written += length
    return planned


def _thread(chance: random.Random, seed: int, number: int, length: int) -> Thread:
    channel: Channel = chance.choice(get_args(Channel))
    sender = f"customer{chance.randrange(300)}@example.org"
    conversation = f"talk-{seed}-{number}" if channel != "mail" and (channel == "chat" or length > 1) else ""
    letters = list[Letter]()
    for turn in range(length):
        name = f"w{seed}x{number}x{turn}z"
        if channel == "mail":
            letters.append(_mail(chance, name, sender, [letter.message for letter in letters]))
        elif channel == "http":
            letters.append(_post(chance, name, sender, conversation))
        else:
            letters.append(_line(chance, name, sender, conversation))
    habits = _habits(chance) if channel == "chat" else Habits()
    return Thread(name=f"talk-{seed}-{number}", begins=chance.random(), letters=letters, habits=habits)


def _habits(chance: random.Random) -> Habits:
    return Habits(
        polls=chance.random() < 0.15,
        hasty=chance.random() < 0.3,
        reloads=chance.random() < 0.2,
        signed_in=chance.random() < 0.3,
        attentive=chance.random() < 0.5,
    )


def _mail(chance: random.Random, name: str, sender: str, before: Sequence[Message]) -> Letter:
    references = [f"<{message.external_id}>" for message in before]
    thread = [f"In-Reply-To: {references[-1]}", f"References: {' '.join(references)}"] if references else []
    to = chance.choice((*ADDRESSES, ADDRESSES[0]))
    both = not before and chance.random() < 0.05
    head = [
        f"From: Customer <{sender}>",
        f"To: {', '.join(ADDRESSES) if both else to}",
        f"Subject: {name}",
        f"Message-ID: <{name}@example.org>",
        *thread,
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
    ]
    content = "\r\n".join([*head, "", *_text(chance, name), ""]).encode()
    return Letter(
        message=Message(
            id=name,
            channel="mail",
            external_id=f"{name}@example.org",
            digests=(hashlib.sha256(content).hexdigest(),),
            conversation=f"{before[0].conversation or before[0].id}" if before else name,
        ),
        content=content,
        sender=sender,
        copies=tuple((address,) for address in ADDRESSES) if both else ((to,),),
        repeats=int(chance.random() < 0.06),
        at_once=chance.random() < 0.5,
    )


def _post(chance: random.Random, name: str, sender: str, conversation: str) -> Letter:
    body = {"name": "Customer", "email": sender, "subject": name, "message": "\n".join(_text(chance, name))}
    content = json.dumps(body | ({"conversation": conversation} if conversation else {})).encode()
    return Letter(
        message=Message(
            id=name,
            channel="http",
            external_id=name,
            digests=(hashlib.sha256(content).hexdigest(),),
            conversation=conversation,
        ),
        content=content,
        sender=sender,
        repeats=int(chance.random() < 0.06),
        at_once=chance.random() < 0.5,
    )


def _line(chance: random.Random, name: str, sender: str, conversation: str) -> Letter:
    client_id, text = f"line-of-a-run-{name}", "\n".join(_text(chance, name, large=False))
    stored = stored_bytes(client_id, text, language=LANGUAGE, page=PAGE)
    return Letter(
        message=Message(
            id=name,
            channel="chat",
            external_id=client_id,
            digests=(hashlib.sha256(stored).hexdigest(),),
            conversation=conversation,
        ),
        content=json.dumps({"type": "message", "id": client_id, "text": text}).encode(),
        sender=sender,
        repeats=int(chance.random() < 0.1),
        at_once=chance.random() < 0.7,
    )


def stored_bytes(client_id: str, text: str, *, language: str = "", page: str = "") -> bytes:
    """What is kept of a line: what the visitor wrote and where, in a form of its own (adapters/chat/storing.py)."""
    kept = {"id": client_id, "text": text, "files": [], "email": "", "language": language, "page": page}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def _text(chance: random.Random, name: str, *, large: bool = True) -> list[str]:
    """Lines, some that begin with a dot; now and then so many that the bytes go into a blob, where they may."""
    lines = [f"{name} {' '.join(chance.choices(WORDS, k=8))}", "..a line that begins with dots", "."]
    if large and chance.random() < 0.02:
        lines += [f"{number:06d} {'x' * 70}" for number in range(LARGE // 78)]
    elif chance.random() < 0.2:
        lines += [" ".join(chance.choices(WORDS, k=10)) for _ in range(30)]
    return lines
