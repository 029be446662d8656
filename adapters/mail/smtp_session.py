"""One SMTP session (RFC 5321), as strict as a server must be that faces the internet.

aiosmtpd gives the stream, STARTTLS and the simple commands; what it is too lenient for is done here. Its own loop turns
an exception into a permanent 500 with the exception's text, so that mail would bounce because our engine was away: here
every fault of ours is a 451, which says nothing about it. Commands end in CR LF, addresses stand in brackets, VRFY and
EXPN tell nothing, AUTH is not offered, and what may come next is bounded in number, size and time (settings, `caps`).
The five minutes of RFC 5321 section 4.5.3.2.7 begin anew when a command has brought the next mail further than it was;
NOOP, RSET and the like, in whatever loop, are as good as silence.

A session asks its `MailServer` what to do with a mail; it stores nothing itself.
"""

import asyncio
from typing import Any, Protocol

import structlog
from aiosmtpd.smtp import SMTP, TLSSetupException

from ...web.pace import Pace
from .message_data import Refusal, Room, read_data
from .recipients import Recipient
from .settings import MailSettings
from .smtp_paths import Path, recipient_path, sender_path

log = structlog.get_logger()

_LONGEST_COMMAND = 2048
_BEFORE_HELO = frozenset({"HELO", "EHLO", "NOOP", "RSET", "QUIT", "STARTTLS", "HELP", "VRFY", "EXPN"})
_OUR_FAULT = "451 4.3.0 Temporary trouble, please try again later"
_CLOSING = "421 4.3.2 Service is closing, please try again later"


class MailServer(Protocol):
    """What a session needs from the server that it belongs to."""

    settings: MailSettings
    closing: bool

    def enter(self, session: "SmtpSession", peer: str) -> bool:
        """Whether one more connection is allowed from there."""

    def leave(self, session: "SmtpSession", peer: str) -> None:
        """The connection has ended."""

    def idle_seconds(self) -> float:
        """How long a silent peer is borne with at present."""

    def room(self, peer: str) -> Room:
        """The room for the mails of a peer."""

    def find_recipient(self, address: str) -> Recipient | None:
        """The address of ours that is meant."""

    async def take(self, session: "SmtpSession", content: bytes) -> str:
        """Store the mail and give the answer; raises nothing that is our fault."""


class SmtpSession(SMTP):
    """The server's side of one connection."""

    def __init__(self, server: MailServer, tls_context: Any) -> None:
        super().__init__(
            None,
            data_size_limit=server.settings.max_size,
            enable_SMTPUTF8=True,
            hostname=server.settings.own_name,
            ident="Trunkline",
            tls_context=tls_context,
            loop=asyncio.get_running_loop(),
        )
        self._server = server
        self.peer = ""
        self.path: Path | None = None
        self.recipients: list[str] = []
        self._admitted = False
        self._deadline = self._data_deadline = 0.0
        self._pace: Pace | None = None
        self._is_silent = False
        self._commands = self._errors = self._messages = 0
        self._furthest = 0

    # Connection

    def connection_made(self, transport: Any) -> None:
        """Greets a peer that may enter; tells any other to come back later."""
        self._forget_mail()
        if self._original_transport is not None:
            super().connection_made(transport)
            return
        peer = transport.get_extra_info("peername")
        self.peer = str(peer[0]) if isinstance(peer, tuple) else "local"
        self._admitted = self._server.enter(self, self.peer)
        if not self._admitted:
            transport.write(b"421 4.7.0 Too many connections, please try again later\r\n")
            transport.close()
            return
        self._deadline = self.loop.time() + self._server.settings.caps.connection_time.total_seconds()
        super().connection_made(transport)
        self._reset_timeout(self._server.idle_seconds())
        assert self._handler_coroutine is not None
        self._handler_coroutine.add_done_callback(self._left)

    def data_received(self, data: bytes) -> None:
        """Bytes of a refused peer are dropped; during DATA they must keep a pace."""
        if self._admitted:
            if self._pace is not None:
                now = self.loop.time()
                due = self._pace.came(len(data), now, self._server.idle_seconds())
                self._reset_timeout(max(0.001, min(due, self._data_deadline) - now))
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """What was sent before the end is still served: aiosmtpd would break off a mail that is being stored."""
        if not self._admitted:
            return False
        self._reader.feed_eof()
        return self.session is not None and self.session.ssl is None

    def connection_lost(self, error: Exception | None) -> None:
        """Ends the session; a mail that is being stored is stored all the same."""
        if self._admitted:
            super().connection_lost(error)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._server.leave(self, self.peer)
        self.cut()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a session broke", action="smtp_broke", peer=self.peer, exc_info=error)

    def hurry(self, seconds: float) -> None:
        """Connections run short: a peer that we wait for has so much time left, or less."""
        if (self._is_silent or self._pace is not None) and self._timeout_handle is not None:
            self._reset_timeout(max(0.001, min(seconds, self._timeout_handle.when() - self.loop.time())))

    def dismiss(self) -> None:
        """Ends the session unless a mail is under way."""
        if self.path is None and self.transport is not None:
            self._writer.write(_CLOSING.encode() + b"\r\n")
            self.transport.close()

    def cut(self) -> None:
        """Ends the session at once."""
        for transport in (self.transport, self._original_transport):
            if isinstance(transport, asyncio.WriteTransport) and not transport.is_closing():
                transport.abort()

    @property
    def is_encrypted(self) -> bool:
        """STARTTLS has been done."""
        return self.session is not None and self.session.ssl is not None

    @property
    def name_given(self) -> str:
        """What the peer called itself."""
        return str(self.session.host_name or "") if self.session is not None else ""

    def _timeout_cb(self) -> None:
        if self.transport is not None:
            self._writer.write(b"421 4.4.2 Waited too long, goodbye\r\n")
            self.transport.close()

    # Commands

    async def _handle_client(self) -> None:
        try:
            await self.push(f"220 {self.hostname} ESMTP {self.__ident__}")
            while await self._turn():
                pass
        except (ConnectionError, asyncio.IncompleteReadError, TLSSetupException):
            log.debug("a peer went away", action="smtp_gone", peer=self.peer)
        finally:
            if self.transport is not None:
                self.transport.close()

    async def _turn(self) -> bool:
        """One command; False when the session is over."""
        self._is_silent = True
        line = await self._line()
        self._is_silent = False
        if line is None:
            return await self._error("500 5.5.2 Lines are UTF-8, at most 2048 bytes, and end in CR LF")
        word, _, argument = line.partition(" ")
        command = word.upper()
        self._commands += 1
        if (over := self._over()) is not None:
            await self.push(over)
            return False
        try:
            goes_on = await self._obey(command, argument.strip(" "))
        except (ConnectionError, asyncio.IncompleteReadError, TLSSetupException):
            raise
        except Exception:
            log.exception("a command failed", action="smtp_failed", command=command[:16], peer=self.peer)
            self._forget_mail()
            await self.push(_OUR_FAULT)
            goes_on = True
        self._bear_with()
        return goes_on

    def _bear_with(self) -> None:
        """A peer that has come further gets the whole time for its next command."""
        stage = 2 * self.is_encrypted + bool(self.name_given) + (self.path is not None) + len(self.recipients)
        if stage > self._furthest:
            self._furthest = stage
            self._reset_timeout(self._server.idle_seconds())

    async def _line(self) -> str | None:
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as overrun:
            await self._discard(overrun.consumed)
            return None
        text = line[:-2]
        if not line.endswith(b"\r\n") or len(line) > _LONGEST_COMMAND or b"\r" in text or b"\0" in text:
            return None
        try:
            return text.decode()  # RFC 6531 section 3.2: what is not ASCII is UTF-8
        except UnicodeDecodeError:
            return None

    async def _discard(self, consumed: int) -> None:
        """Reads on to the end of a line that is too long, keeping nothing."""
        while True:
            await self._reader.readexactly(consumed)
            try:
                await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as overrun:
                consumed = overrun.consumed
            else:
                return

    def _over(self) -> str | None:
        caps = self._server.settings.caps
        if self._server.closing and self.path is None:
            return _CLOSING
        if self._commands > caps.commands or self._messages >= caps.messages:
            return "421 4.7.0 Enough for one connection, please open another"
        return "421 4.4.2 This connection lasts too long" if self.loop.time() > self._deadline else None

    async def _obey(self, command: str, argument: str) -> bool:
        if command == "QUIT":
            await self.push("221 2.0.0 Goodbye")
            return False
        if not self.name_given and command not in _BEFORE_HELO:
            return await self._error("503 5.5.1 Say EHLO first")
        handler = _COMMANDS.get(command)
        if handler is None:
            return await self._error("502 5.5.1 Command is not known here")
        return bool(await handler(self, argument))

    async def _error(self, answer: str) -> bool:
        self._errors += 1
        if self._errors > self._server.settings.caps.errors:
            await self.push("421 4.7.0 Too many errors, goodbye")
            return False
        await self.push(answer)
        return True

    async def _declined(self, answer: str) -> bool:
        """No error of the peer: what a whole batch of commands may get, and must live through.

        RFC 5321 section 4.5.3.1.10: over the limit of recipients the rest hears 452, and comes in a further mail; and
        recipients that were sent right behind a MAIL (RFC 2920) cannot know that it was refused.
        """
        await self.push(answer)
        return True

    def _forget_mail(self) -> None:
        self.path = None
        self.recipients = []

    async def _ehlo(self, argument: str) -> bool:
        if not argument or len(argument) > 255 or not argument.isprintable():
            return await self._error("501 5.5.4 Syntax: EHLO hostname")
        self._forget_mail()
        assert self.session is not None
        self.session.host_name = argument
        offers = [self.hostname, f"SIZE {self._server.settings.max_size}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
        if self.tls_context and not self.is_encrypted:
            offers.append("STARTTLS")
        offers.append("ENHANCEDSTATUSCODES")
        await self.push("\r\n".join(f"250-{offer}" for offer in offers[:-1]) + f"\r\n250 {offers[-1]}")
        return True

    async def _helo(self, argument: str) -> bool:
        if not argument or len(argument) > 255 or not argument.isprintable():
            return await self._error("501 5.5.4 Syntax: HELO hostname")
        self._forget_mail()
        assert self.session is not None
        self.session.host_name = argument
        await self.push(f"250 {self.hostname}")
        return True

    async def _starttls(self, argument: str) -> bool:
        if argument or not self.tls_context or self.is_encrypted:
            return await self._error("502 5.5.1 STARTTLS is not available")
        self._forget_mail()
        await self.smtp_STARTTLS("")
        return self.is_encrypted  # it returns, too, when the peer went away during the handshake

    async def _noop(self, _argument: str) -> bool:
        await self.push("250 2.0.0 OK")
        return True

    async def _rset(self, _argument: str) -> bool:
        self._forget_mail()
        await self.push("250 2.0.0 OK")
        return True

    async def _help(self, _argument: str) -> bool:
        await self.push("214 2.0.0 See RFC 5321")
        return True

    async def _vrfy(self, _argument: str) -> bool:
        return await self._error("502 5.5.1 Addresses are not told")

    async def _mail(self, argument: str) -> bool:
        if self.path is not None:
            return await self._error("503 5.5.1 There is a mail already")
        path = sender_path(argument, self._server.settings.max_size)
        if isinstance(path, str):
            return await self._error(path)
        self.path = path
        await self.push("250 2.1.0 OK")
        return True

    async def _rcpt(self, argument: str) -> bool:
        if self.path is None:
            return await self._declined("503 5.5.1 Say MAIL first")
        path = recipient_path(argument)
        if isinstance(path, str):
            return await self._error(path)
        if self._server.find_recipient(path.address) is None:
            return await self._error("550 5.1.1 No such address here")
        if len(self.recipients) >= self._server.settings.caps.recipients:
            return await self._declined("452 4.5.3 Too many recipients")
        self.recipients.append(path.address)
        await self.push("250 2.1.5 OK")
        return True

    async def _data(self, argument: str) -> bool:
        if argument:
            return await self._error("501 5.5.4 Syntax: DATA")
        if not self.recipients:
            return await self._error("503 5.5.1 Say MAIL and RCPT first")
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        room = self._server.room(self.peer)
        content = await self._content(room)
        self._furthest = 0
        if isinstance(content, Refusal):
            self._forget_mail()
            await self.push(content.answer)
            return not content.hang_up
        try:
            answer = await self._server.take(self, content)
        finally:
            room.give_back(len(content))
        self._messages += 1
        self._forget_mail()
        await self.push(answer)
        return True

    async def _content(self, room: Room) -> bytes | Refusal:
        caps, now = self._server.settings.caps, self.loop.time()
        self._data_deadline = now + caps.message_time.total_seconds()
        self._pace = Pace(now, self._server.idle_seconds())
        self._reset_timeout(self._server.idle_seconds())
        try:
            return await read_data(self._reader, self._server.settings.max_size, room)
        finally:
            self._pace = None
            # Storing has its own limit; the peer must not be told to go away meanwhile.
            self._reset_timeout(caps.intake_time.total_seconds() * 2)


_COMMANDS = {
    "EHLO": SmtpSession._ehlo,
    "HELO": SmtpSession._helo,
    "STARTTLS": SmtpSession._starttls,
    "NOOP": SmtpSession._noop,
    "RSET": SmtpSession._rset,
    "HELP": SmtpSession._help,
    "VRFY": SmtpSession._vrfy,
    "EXPN": SmtpSession._vrfy,
    "MAIL": SmtpSession._mail,
    "RCPT": SmtpSession._rcpt,
    "DATA": SmtpSession._data,
}
