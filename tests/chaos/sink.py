"""The server that our mails leave to. It counts what it has taken by Message-ID, and can be in several moods."""

import asyncio
import random
import re
from collections import Counter
from typing import Literal

Mood = Literal["takes", "puts off", "is silent"]

_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*<([^>]+)>")


class Sink:
    """Listens on a free port of loopback.

    In the mood `is silent` it closes the connection instead of answering the final dot; half of the mails are taken
    all the same, as happens when a connection breaks at the wrong moment (RFC 1047).
    """

    def __init__(self, seed: int) -> None:
        self.taken: Counter[str] = Counter()
        self.mood: Mood = "takes"
        self.port = 0
        self._random = random.Random(seed)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listens."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listens no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 sink\r\n")
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    if not await self._mail(reader, writer):
                        break
                elif verb == b"QUIT":
                    break
                elif verb in (b"MAIL", b"RCPT") and self.mood == "puts off":
                    writer.write(b"451 4.3.0 not now\r\n")
                else:
                    writer.write(b"250 ok\r\n")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _mail(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        content = await reader.readuntil(b"\r\n.\r\n")
        silent = self.mood == "is silent"
        if not silent or self._random.random() < 0.5:
            found = _MESSAGE_ID.search(content)
            self.taken[found[1].decode() if found else "without a Message-ID"] += 1
        if not silent:
            writer.write(b"250 2.0.0 taken\r\n")
        return not silent
