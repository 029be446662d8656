"""The customers' mail server: takes what the gateway sends, on the smarthost's address, and hands it to its reader.

Only for the demo, and only on loopback: it believes whatever it is told and stores nothing.
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


class ReplyServer:
    """A service that listens for the gateway's mails."""

    def __init__(self, address: HostPort, read: Read) -> None:
        self._address = address
        self._read = read
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises Misconfigured when somebody else does, who must not get mails of a demo."""
        if self._server is not None:
            return
        try:
            self._server = await asyncio.start_server(
                self._serve, self._address.host, self._address.port, limit=LARGEST
            )
        except OSError as error:
            raise Misconfigured(
                f"the demo takes the replies itself, on the smarthost's address {self._address}, and cannot listen "
                f"there: {error.strerror or error}"
            ) from error

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 demo.example\r\n")
        try:
            while verb := (await reader.readline())[:4].upper():
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

    async def _take(self, data: bytes) -> None:
        content = data[: -len(b".\r\n")].replace(b"\r\n..", b"\r\n.")
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        await self._read(mail)
