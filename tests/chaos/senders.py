"""How customers hand a letter over, and what they are told: a mail server's side of SMTP, and signed posts.

The line between `unreached` and `unknown` is drawn where it is drawn in life: until the final dot, or the whole body,
has been handed to the network, nobody can have taken the message.
"""

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Protocol

import aiohttp

from trunkline.web.webhook_signing import signed_headers

from .history import Outcome
from .letters import Letter
from .station import SIGNING_KEY, Station

SMTP_SECONDS = 40.0
HTTP_SECONDS = 15.0  # what Standard Webhooks recommends at least

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Answer:
    """What a sender was told."""

    outcome: Outcome
    words: str = ""
    raw_id: str = ""


class Sender(Protocol):
    """Hands letters over."""

    async def hand_over(self, letter: Letter, recipients: tuple[str, ...]) -> Answer:
        """One try."""

    async def close(self) -> None:
        """No more letters."""


class Poster:
    """Signed posts to the source `form`."""

    def __init__(self, station: Station, session: aiohttp.ClientSession) -> None:
        self._url = f"{station.url}/v1/inbound/form"
        self._session = session

    async def hand_over(self, letter: Letter, recipients: tuple[str, ...]) -> Answer:  # noqa: ARG002 (mail needs them)
        """One try."""
        headers = signed_headers(SIGNING_KEY, letter.message.external_id, int(time.time()), letter.content)
        headers["content-type"] = "application/json"
        try:
            async with self._session.post(
                self._url, data=letter.content, headers=headers, timeout=aiohttp.ClientTimeout(HTTP_SECONDS)
            ) as response:
                return _of_response(response.status, dict(response.headers), await response.text())
        except aiohttp.ClientConnectorError as error:
            return Answer("unreached", str(error))
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            return Answer("unknown", f"{type(error).__name__} {error}")

    async def close(self) -> None:
        """The session belongs to somebody else."""


def _of_response(status: int, headers: dict[str, str], body: str) -> Answer:
    found = _ID.search(body)
    if status == 202:
        return Answer("ok", str(status), found[0] if found else "")
    if status == 503 and "Retry-After" in headers:
        return Answer("temporary", f"{status} {body[:200]}")
    return Answer("permanent", f"{status} {body[:300]}")


class Mailer:
    """One connection to the mail listener, used for one mail after the other and opened again when it is gone."""

    def __init__(self, station: Station) -> None:
        self._port = station.smtp
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def hand_over(self, letter: Letter, recipients: tuple[str, ...]) -> Answer:
        """One try."""
        try:
            refusal = await self._prepare(letter, recipients)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            await self.close()
            return Answer("unreached", f"{type(error).__name__} {error}")
        if refusal is not None:
            await self.close()
            return refusal
        try:
            return _of_reply(await self._finish(letter.content))
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            await self.close()
            return Answer("unknown", f"{type(error).__name__} {error}")

    async def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _prepare(self, letter: Letter, recipients: tuple[str, ...]) -> Answer | None:
        """Everything before the text; an answer when that is refused."""
        async with asyncio.timeout(SMTP_SECONDS):
            greeting = "" if self._streams else await self._connect()
            commands = ["EHLO customer.example.org"] if greeting else []
            commands += [f"MAIL FROM:<{letter.sender}>", *(f"RCPT TO:<{each}>" for each in recipients), "DATA"]
            if greeting and not greeting.startswith("220"):
                return _of_reply(greeting)
            for command in commands:
                reply = await self._exchange(f"{command}\r\n".encode())
                if reply[0] not in "23":
                    return _of_reply(reply)
        return None

    async def _connect(self) -> str:
        self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        return await self._reply()

    async def _finish(self, content: bytes) -> str:
        stuffed = re.sub(rb"(?m)^\.", b"..", content)
        async with asyncio.timeout(SMTP_SECONDS):
            return await self._exchange(stuffed + b".\r\n")

    async def _exchange(self, data: bytes) -> str:
        assert self._streams is not None
        self._streams[1].write(data)
        await self._streams[1].drain()
        return await self._reply()

    async def _reply(self) -> str:
        assert self._streams is not None
        lines = [await self._streams[0].readuntil(b"\n")]
        while lines[-1][3:4] == b"-":
            lines.append(await self._streams[0].readuntil(b"\n"))
        return lines[-1].decode(errors="replace").strip()


def _of_reply(reply: str) -> Answer:
    found = _ID.search(reply)
    if reply.startswith("250"):
        return Answer("ok", reply, found[0] if found else "")
    if reply[:3] in ("421", "451", "452"):
        return Answer("temporary", reply)
    return Answer("permanent", reply)
