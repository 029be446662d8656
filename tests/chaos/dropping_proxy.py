"""A proxy before the engine that carries commands to it and loses some of the answers, each with its connection."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from .station import until

Loses = Callable[[bytes], bool]
"""Whether this part of what the engine says is lost."""


class DroppingProxy:
    """Listens on a unix socket; `upstream` tells where the engine listens when somebody connects."""

    def __init__(self, socket: Path, upstream: Callable[[], str], loses: Loses) -> None:
        self.socket = socket
        self.dropped = 0
        self._upstream = upstream
        self.loses = loses
        self._server: asyncio.Server | None = None
        self._open = set[asyncio.StreamWriter]()

    async def start(self) -> None:
        """Listens."""
        self._server = await asyncio.start_unix_server(self._serve, self.socket)

    async def stop(self) -> None:
        """Listens no more, and ends what it carries."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.close()
        await until(lambda: None if self._open else True, 5.0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            up_reader, up_writer = await asyncio.open_unix_connection(self._upstream())
            try:
                await asyncio.gather(self._carry(reader, up_writer, answers=False), self._carry(up_reader, writer))
            finally:
                up_writer.close()
        except (ConnectionError, OSError):
            pass
        finally:
            writer.close()
            self._open.discard(writer)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, answers: bool = True) -> None:
        while data := await source.read(1 << 16):
            if answers and self.loses(data):
                self.dropped += 1
                break
            target.write(data)
            await target.drain()
        target.close()


def every(nth: int, with_words: bytes) -> Loses:
    """Loses every n-th part with these words."""
    seen = 0

    def loses(data: bytes) -> bool:
        nonlocal seen
        seen += with_words in data
        return with_words in data and seen % nth == 0

    return loses


def only(nth: int) -> Loses:
    """Loses the n-th part, and no other."""
    seen = 0

    def loses(_: bytes) -> bool:
        nonlocal seen
        seen += 1
        return seen == nth

    return loses
