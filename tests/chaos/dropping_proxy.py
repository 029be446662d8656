"""A proxy before the engine that now and then carries a script to it and loses the answer."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from .station import until


class DroppingProxy:
    """Listens on a unix socket; every `each`-th answer that says NEW is lost together with its connection."""

    def __init__(self, socket: Path, upstream: Callable[[], str], *, each: int) -> None:
        self.socket = socket
        self.dropped = 0
        self._upstream = upstream
        self._each = each
        self._answers = 0
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
            if answers and b"\nNEW\r" in data:
                self._answers += 1
                if self._answers % self._each == 0:
                    self.dropped += 1
                    break
            target.write(data)
            await target.drain()
        target.close()
