"""A desk of which every field that is shown is hostile: the configuration, and everything that people write.

config = configured(folder)     # agents, queues, sites, forms, rules, canned replies
await fed(gateway, api)         # visitors, mails, posts, tickets, replies and notes; the long conversation's token
"""

import asyncio
import email.policy
import json
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import jwt
import yaml

from trunkline.normalizer.addresses import normalise_address

from ...xss_corpus import MAILS, STRINGS
from ..api import Api
from ..gateway import EXAMPLE, SIGNING_KEY, Gateway
from ..mails import deliver, written

SECRET = "the secret of the site, long enough for HS256"
LINES = tuple(" ".join("".join(c if c.isprintable() else " " for c in text).split()) for text in STRINGS)
"""The strings as one line each, without controls, as fields of one line take them."""
ALL = " ".join(LINES)
TYPE = "application/x-hostile"


def batches(longest: int, strings: Iterable[str] = LINES) -> list[str]:
    """The strings, as many of them in one text as fit; one that does not fit is left out."""
    made = [""]
    for text in (each for each in strings if len(each) <= longest):
        joined = f"{made[-1]} {text}".strip()
        made = [*made[:-1], joined] if len(joined) <= longest else [*made, text]
    return made


NAMES = batches(200)
"""Of agents."""


def configured(folder: Path) -> Path:
    """The example's configuration with hostile words wherever it takes words."""
    tree: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    chat, form = tree["channels"]["chat"]["web"], tree["channels"]["http"]["form"]
    chat["title"] = {"en": ALL}
    chat["caps"] = {
        "messages_per_minute": 6000,
        "burst": 10_000,
        "visitors_per_minute": 100_000,
        "sockets_per_address": 1000,
    }
    form["fields"] |= {"order": "order"}
    form["form"] = {
        "title": {"en": ALL},
        "introduction": {"en": ALL},
        "thanks": {"en": ALL},
        "per_minute": 600,
        "burst": 1000,
    }
    form["form"]["labels"] = {"order": {"en": ALL}}
    tree["queues"]["support"]["description"] = tree["queues"]["billing"]["description"] = ALL
    for number, name in enumerate(NAMES):
        tree["agents"][f"a{number}"] = {
            "name": name,
            "email": f"a{number}@example.test",
            "queues": ["support"],
            "capacity": 1000,
        }
    tree["agents"]["ada"]["name"] = f"Ada {NAMES[0]}"
    tree["agents"]["ada"]["capacity"] = 1000
    tree["canned_replies"] = {"hostile": {"en": " ".join(text for text in LINES if "{" not in text)[:8000]}}
    aside = {"name": f"aside {ALL}", "when": {"keywords": ["setaside"]}, "then": {"suspend": ALL}}
    tagged = {"name": f"tagged {ALL}", "when": {"keywords": ["tagme"]}, "then": {"tags": list(LINES)}}
    tree["rules"], tree["rule_tests"] = [aside, tagged], []
    path = folder / "hostile.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")
    return path


def identity(number: int, name: str) -> str:
    """What a page says of somebody who is signed in to it."""
    claims = {"sub": f"person {number}", "name": name, "exp": int(time.time()) + 3600}
    return jwt.encode(claims, SECRET, algorithm="HS256")


class Visit:
    """A visitor's socket."""

    def __init__(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._session = session
        self._socket = socket
        self._number = 0
        self.token = ""
        self.visitor = ""

    async def until(self, type_: str) -> dict[str, Any]:
        """The next frame of this type."""
        while True:
            frame: dict[str, Any] = await self._socket.receive_json(timeout=60)
            if frame["type"] == type_:
                return frame

    async def say(self, text: str, *, files: Sequence[dict[str, Any]] = (), address: str = "") -> None:
        """Write; returns when it is stored."""
        self._number += 1
        frame = {"type": "message", "id": f"message-{self._number:012d}", "text": text, "files": list(files)}
        await self._socket.send_json(frame | ({"email": address} if address else {}))
        await self.until("stored")

    async def upload(self, name: str) -> dict[str, Any]:
        """A file under this name."""
        path = f"/chat/web/files?name={quote(name, safe='')}"
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "text/html"}
        async with self._session.post(path, data=name.encode(), headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            return dict(await answer.json())


@asynccontextmanager
async def visit(made: Gateway, **hello: Any) -> AsyncIterator[Visit]:
    """A visitor who was welcomed."""
    async with aiohttp.ClientSession(made.url) as session, session.ws_connect("/chat/web/socket") as socket:
        visitor = Visit(session, socket)
        await socket.send_json({"type": "hello", "after": 0, "language": "en", **hello})
        welcome = await visitor.until("welcome")
        visitor.token, visitor.visitor = welcome["token"], welcome["visitor"]
        yield visitor


async def visited(made: Gateway) -> None:
    """One visitor for each name; each comes from a hostile page."""
    gate = asyncio.Semaphore(8)

    async def one(number: int, name: str) -> None:
        page = f"https://shop.example/{LINES[number % len(LINES)]}"
        async with gate, visit(made, identity=identity(number, name), page=page) as visitor:
            await visitor.say(f"group{number // 40} {name}")

    await asyncio.gather(*(one(number, name) for number, name in enumerate(batches(100))))


def claimable() -> list[str]:
    """Addresses with hostile local parts that pass for addresses."""
    made = [
        '"{}"@example.org'.format(text.replace("\\", "\\\\").replace('"', '\\"')) for text in LINES if text.isascii()
    ]
    return [address for address in made if normalise_address(address)]


async def told(made: Gateway) -> Visit:
    """One long conversation of a visitor, with files and claimed addresses."""
    async with visit(made) as visitor:
        for text in batches(600, [text.replace("\x00", "") for text in STRINGS]):
            await visitor.say(f"longtalk {text}")
        for start in range(0, len(LINES), 5):
            files = [await visitor.upload(name) for name in LINES[start : start + 5]]
            await visitor.say(f"files {start}", files=files)
        return visitor


async def claimed(made: Gateway) -> None:
    """Visitors who claim many addresses each."""

    async def one(addresses: Sequence[str]) -> None:
        async with visit(made) as visitor:
            for address in addresses:
                await visitor.say("claimsmany", address=address)

    addresses = claimable()
    await asyncio.gather(*(one(addresses[start : start + 50]) for start in range(0, len(addresses), 50)))


def _hostile_mail(number: int, first: EmailMessage | None) -> EmailMessage:
    subjects = batches(450)
    mail = written(" ".join(LINES[number :: len(MAILS)]), sender="Eve <eve@example.org>")
    mail.replace_header("Subject", subjects[number % len(subjects)])
    if first is not None:
        mail["In-Reply-To"] = mail["References"] = first["Message-ID"]
    mail.add_alternative(MAILS[number], subtype="html")
    for name in LINES[number :: len(MAILS)]:
        mail.add_attachment(b"content of it", maintype="application", subtype="x-hostile", filename=name)
    return mail


def _raw(number: int, mail: EmailMessage) -> bytes:
    """With a name and a content type that are hostile too."""
    names = batches(180)
    name = names[number % len(names)].encode()
    words = [b"=?utf-8?b?" + b64encode(name[start : start + 30]) + b"?=" for start in range(0, len(name), 30)]
    raw = mail.as_bytes(policy=email.policy.SMTP).replace(b"From: Eve <", b"From: " + b"\r\n ".join(words) + b" <")
    return raw.replace(TYPE.encode(), b"text/html; x=" + LINES[number].encode("ascii", "replace")[:60])


async def mailed(made: Gateway) -> None:
    """All formatted mails, in one conversation."""
    first = _hostile_mail(0, None)
    await deliver(made, _raw(0, first), to="support@example.test", sender="eve@example.org")
    for number in range(1, len(MAILS)):
        raw = _raw(number, _hostile_mail(number, first))
        await deliver(made, raw, to="support@example.test", sender="eve@example.org")


async def opened(api: Api) -> list[dict[str, Any]]:
    """Tickets that were opened over the API, with tags."""
    made = []
    for number, subject in enumerate(batches(470)):
        body = {
            "text": f"openme {ALL}",
            "subject": subject,
            "name": batches(190)[number],
            "email": f"o{number}@opened.example",
        }
        ticket = await api.do("POST", "/v1/tickets", body)
        tags = [text for text in LINES if len(text) <= 60][number * 5 : number * 5 + 5]
        made.append(await api.do("PATCH", f"/v1/tickets/{ticket['id']}", {"tags": tags}, If_Match="*"))
    return made


async def posted(api: Api, word: str, name: str = "posted") -> None:
    """Posts of another system; `word` makes the rules look at them."""
    names = batches(190)
    for number, subject in enumerate(batches(470)):
        body = {
            "name": names[number],
            "email": f"p{number}@{name}.example",
            "subject": subject,
            "message": f"{word} {ALL}",
            "order": ALL,
        }
        content = json.dumps(body).encode()
        status, answer = await api.signed_post(content, key=SIGNING_KEY, webhook_id=f"msg_{name}_{number}")
        assert status == 202, answer


async def answered(api: Api, ticket: str) -> None:
    """Replies and notes of many agents, with hostile names and words."""
    for number, text in enumerate(batches(400)):
        for kind in ("reply", "note"):
            body = {"kind": kind, "text": f"{kind} {text}", "agent": f"a{number % len(NAMES)}"}
            await api.do("POST", f"/v1/tickets/{ticket}/messages", body | {"force": kind == "reply"})
    for number in range(len(NAMES)):
        await api.do(
            "POST", f"/v1/tickets/{ticket}/messages", {"kind": "note", "text": "A note", "agent": f"a{number}"}
        )


async def unreadable(made: Gateway) -> None:
    """A mail that ends as a dead letter, under a hostile Message-ID."""
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(60))
    for text in LINES[:40]:
        named = f"Message-ID: <{text}@example.org>\r\nSubject: {text}\r\n".encode("ascii", "replace")
        raw = b"From: eve@example.org\r\nTo: support@example.test\r\n" + named + b"MIME-Version: 1.0\r\n" + head
        await deliver(made, raw, sender="eve@example.org", to="support@example.test")


async def fed(made: Gateway, api: Api) -> Visit:
    """Everything; returns when all of it is filed."""
    await asyncio.gather(visited(made), claimed(made), mailed(made), unreadable(made))
    visitor = await told(made)
    await opened(api)
    await posted(api, "tagme")
    await posted(api, "setaside", "aside")
    await filed(api)
    await answered(api, await number_of(api, "longtalk"))
    return visitor


async def filed(api: Api) -> None:
    """Returns when nothing is left to be filed."""
    async with asyncio.timeout(120):
        while any(channel["in_progress"] for channel in (await api.get("/v1/board"))["balance"]["channels"]):
            pass


async def number_of(api: Api, words: str) -> str:
    """The number of the newest ticket with these words."""
    return str((await matching(api, words))[0]["number"])


async def matching(api: Api, words: str = "") -> list[dict[str, Any]]:
    """All tickets with these words, the newest first."""
    found: list[dict[str, Any]] = []
    query = f"limit=200&q={quote(words)}" if words else "limit=200"
    cursor = ""
    while True:
        page = await api.get(f"/v1/tickets?{query}" + (f"&cursor={cursor}" if cursor else ""))
        found += page["items"]
        cursor = page.get("next")
        if not cursor:
            return found
