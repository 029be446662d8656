"""The customers' mail server: takes what the gateway sends, on the smarthost's address, and hands it to its reader.

Only for the demo, and only on loopback: it believes whatever it is told and stores nothing. When it stops, connections
that wait for a command end at once, and a mail that is being handed over gets its answer first.
"""

import asyncio
import email
import email.policy
from collections.abc import Awaitable, Callable
from email.message import EmailMessage

from ...config.errors import Misconfigured
from ...config.quantities import HostPort

Read = Callable[[EmailMessage], Awaitable[None]]

LARGEST = 4 * 1024 * 1024
LAST_SECONDS = 5.0  # for a mail that is under way at the end


class ReplyServer:
    """A service that listens for the gateway's mails."""

    def __init__(self, address: HostPort, read: Read) -> None:
        self._address = address
        self._read = read
        self._server: asyncio.Server | None = None
        self._stopping = False
        self._connections: set[asyncio.Task[None]] = set()
        self._waiting: set[asyncio.Task[None] | None] = set()

    async def start(self) -> None:
        """Listen. Raises Misconfigured when somebody else does, who must not get mails of a demo."""
        if self._server is not None:
            return
        self._stopping = False
        try:
            self._server = await asyncio.start_server(
                self._connected, self._address.host, self._address.port, limit=LARGEST
            )
        except OSError as error:
            raise Misconfigured(
                f"the demo takes the replies itself, on the smarthost's address {self._address}, and cannot listen "
                f"there: {error.strerror or error}"
            ) from error

    async def stop(self) -> None:
        """Listen no more, and end the connections."""
        server, self._server = self._server, None
        if server is None:
            return
        self._stopping = True
        server.close()
        await _ended(self._connections & self._waiting)
        if self._connections:
            await asyncio.wait(self._connections, timeout=LAST_SECONDS)
        await _ended(self._connections)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The tasks are ours: those that asyncio makes of a coroutine complain when they are cancelled."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 demo.example\r\n")
        try:
            while not self._stopping and (verb := await self._command(reader)):
                if verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    await self._take(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(b"221 2.0.0 goodbye\r\n" if verb == b"QUIT" else b"250 2.0.0 ok\r\n")
                await writer.drain()
                if verb == b"QUIT":
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()

    async def _command(self, reader: asyncio.StreamReader) -> bytes:
        """The next one; empty when there is none."""
        task = asyncio.current_task()
        self._waiting.add(task)
        try:
            return (await reader.readline())[:4].upper()
        finally:
            self._waiting.discard(task)

    async def _take(self, data: bytes) -> None:
        content = data[: -len(b".\r\n")].replace(b"\r\n..", b"\r\n.")
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        await self._read(mail)


async def _ended(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel them, and wait until they are gone."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(set(tasks))
