"""Handing mails to a server that takes them, a smarthost or a provider's submission, and knowing what became of them.

    AccountUnavailable it cannot be reached, or has had too much of us; CredentialsRefused: it does not let us in
    DeliveryDeferred   it puts the mail off, or goes away before it was complete; nothing was sent
    DeliveryFailed     it refuses the mail for good
    DeliveryUnknown    the final dot was sent and no answer came: it may have taken the mail

The final dot is sent on its own, after everything before it has left: until then no server can have taken the mail, and
a broken connection means that it has not. Connections are used again for a while.
"""

import asyncio
import re
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiosmtplib
from aiosmtplib.errors import SMTPAuthenticationError, SMTPException, SMTPResponseException, SMTPServerDisconnected
from aiosmtplib.response import SMTPResponse

from ...config.errors import (
    AccountUnavailable,
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    TrunklineError,
)
from ...config.quantities import HostPort
from ...normalizer.outgoing import LEFT_OUT
from .composing import Mail
from .imap.access import Access, Credential, PasswordAccess
from .imap.mailbox_settings import Tls
from .settings import MailSettings

_CONNECTIONS = 4
_KEPT_SECONDS = 30.0
_CONNECT_SECONDS = 20.0
_COMMAND_SECONDS = 60.0
_DATA_SECONDS = 300.0
_ANSWER_SECONDS = 600.0  # RFC 5321 section 4.5.3.2.6
_SHUTTING_DOWN = 421
_LINE_START = re.compile(rb"(?m)^\.")
# We are refused, not the mail: that is for the operator to mend, and the mail waits (RFC 4954 section 6).
_OUR_LOGIN = frozenset({530, 534, 535, 538})
_OUR_QUOTA = "5.4.5"  # Gmail: so many mails a day (support.google.com/mail/answer/22839)


@dataclass(slots=True)
class _Connection:
    client: aiosmtplib.SMTP
    used: bool = False
    last_used: float = 0.0


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """A server that takes our mails; `own_name` is ours in SMTP. Without `access` it lets us in as we are."""

    address: HostPort | None
    tls: Tls = "none"
    own_name: str
    access: Access | None = None
    authority: Path | None = None


def smarthost_of(settings: MailSettings, password: str = "") -> MailServer:
    """The smarthost of the settings."""
    access = PasswordAccess(settings.smarthost_username, lambda: password) if settings.smarthost_username else None
    return MailServer(address=settings.smarthost, tls=settings.smarthost_tls, own_name=settings.own_name, access=access)


class Smarthost:
    """The way to one server, over connections that are used again for a while."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._seats = asyncio.Semaphore(_CONNECTIONS)
        self._kept: list[_Connection] = []

    async def deliver(self, mail: Mail) -> str:
        """Hand the mail over; the server's words."""
        address = self._server.address
        if address is None:
            raise DeliveryDeferred("no smarthost is configured (channels.mail.smarthost)")
        async with self._seats:
            while True:
                connection = self._take_kept() or await self._connected(address)
                try:
                    words = await _transaction(connection.client, mail)
                except _StaleError:
                    connection.client.close()
                    if not connection.used:
                        raise DeliveryDeferred(f"{address} closed the connection") from None
                except BaseException:
                    connection.client.close()
                    raise
                else:
                    connection.used, connection.last_used = True, time.monotonic()
                    self._kept.append(connection)
                    return words

    async def close(self) -> None:
        """Take leave of the server."""
        while self._kept:
            client = self._kept.pop().client
            with suppress(SMTPException, OSError):
                await client.quit(timeout=2)
            client.close()
        if self._server.access is not None:
            await self._server.access.close()

    async def probe(self) -> str:
        """Connect, sign in and take leave; the name of the server. Raises DeliveryDeferred, CredentialsRefused."""
        if self._server.address is None:
            raise DeliveryDeferred("no server is configured")
        self._kept.append(await self._connected(self._server.address))
        await self.close()
        return str(self._server.address)

    def _take_kept(self) -> _Connection | None:
        while self._kept:
            connection = self._kept.pop()
            if connection.client.is_connected and time.monotonic() - connection.last_used < _KEPT_SECONDS:
                return connection
            connection.client.close()
        return None

    async def _connected(self, address: HostPort) -> _Connection:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=address.host,
            port=address.port,
            local_hostname=server.own_name,
            timeout=_COMMAND_SECONDS,
            use_tls=server.tls == "implicit",
            start_tls=server.tls == "starttls",
            tls_context=None if server.tls == "none" else ssl.create_default_context(cafile=server.authority),
        )
        try:
            await client.connect(timeout=_CONNECT_SECONDS)
            await client.ehlo()
            if server.access is not None:
                await _sign_in(client, server.access)
        except TrunklineError:
            client.close()
            raise
        except (SMTPException, OSError, ssl.SSLError, ValueError) as error:
            client.close()
            refused = isinstance(error, SMTPResponseException) and error.code in _OUR_LOGIN
            kind = CredentialsRefused if refused else AccountUnavailable
            raise kind(f"cannot connect to {address}: {_cause(error)}") from error
        return _Connection(client)


async def _sign_in(client: aiosmtplib.SMTP, access: Access) -> None:
    """A token that is refused may have been revoked: another one is tried, once."""
    credential = await access.credential()
    try:
        await _shown(client, credential)
    except SMTPAuthenticationError:
        another = await access.credential(instead_of=credential)
        if another == credential:
            raise
        await _shown(client, another)


async def _shown(client: aiosmtplib.SMTP, credential: Credential) -> None:
    """One way and no other: each that fails counts with a provider, and a password is no token."""
    ways = {"plain": client.auth_plain, "login": client.auth_login, "cram-md5": client.auth_crammd5}
    known = {name: way for name, way in ways.items() if name in client.supported_auth_methods}
    if not credential.bearer and not known:
        raise SMTPException("the server has no way to sign in with a password, at least not without TLS")
    show = client.auth_xoauth2 if credential.bearer else next(iter(known.values()))
    await show(credential.login, credential.secret)


class _StaleError(Exception):
    """The connection was found closed before the mail began."""


async def _transaction(client: aiosmtplib.SMTP, mail: Mail) -> str:
    try:
        response = await client.execute_command(b"MAIL", *_mail_arguments(client, mail))
    except (SMTPServerDisconnected, ConnectionError) as error:
        raise _StaleError from error
    except (SMTPException, OSError) as error:
        raise DeliveryDeferred(f"the smarthost went away: {_cause(error)}") from error
    _check(response)
    try:
        refused = await _name_recipients(client, mail.recipients)
        _check(await client.execute_command(b"DATA"), wanted=354)
        async with asyncio.timeout(_DATA_SECONDS):
            await _write(client, _framed(mail.content))
    except (SMTPException, OSError, TimeoutError) as error:
        raise DeliveryDeferred(f"the smarthost went away before the mail was complete: {_cause(error)}") from error
    if not client.is_connected:
        raise DeliveryDeferred("the smarthost went away before the mail was complete")
    try:
        response = await client.execute_command(b".", timeout=_ANSWER_SECONDS)
    except (SMTPException, OSError) as error:
        raise DeliveryUnknown(f"the smarthost went away without an answer to the mail: {_cause(error)}") from error
    if not 200 <= response.code < 600:
        raise DeliveryUnknown(f"the smarthost gave an answer that is none: {_words(response)}")
    _check(response)
    return "; ".join((_words(response), *refused))


async def _name_recipients(client: aiosmtplib.SMTP, recipients: Sequence[str]) -> list[str]:
    """Those of the copies that are refused keep nobody else from getting it; the refusals in words."""
    refused = []
    for index, recipient in enumerate(recipients):
        response = await client.execute_command(b"RCPT", b"TO:<" + recipient.encode() + b">")
        if index and 400 <= response.code < 600 and response.code != _SHUTTING_DOWN:
            refused.append(f"{LEFT_OUT} {recipient}: {_words(response)}")
        else:
            _check(response)
    return refused


def _mail_arguments(client: aiosmtplib.SMTP, mail: Mail) -> list[bytes]:
    arguments = [b"FROM:<" + mail.reverse_path.encode() + b">"]
    if client.supports_extension("size"):
        arguments.append(b"SIZE=%d" % len(mail.content))
    if mail.needs_utf8:
        if not client.supports_extension("smtputf8"):
            raise DeliveryFailed("the address is not ASCII, and the smarthost does not know SMTPUTF8 (RFC 6531)")
        arguments.append(b"SMTPUTF8")
    return arguments


def _framed(content: bytes) -> bytes:
    """RFC 5321 section 4.5.2: a line that begins with a dot gets another one."""
    return _LINE_START.sub(b"..", content) + (b"" if content.endswith(b"\r\n") else b"\r\n")


async def _write(client: aiosmtplib.SMTP, content: bytes) -> None:
    """Returns when everything has left this process, so that the dot cannot be caught behind it."""
    protocol, transport = client.protocol, client.transport
    if protocol is None or not isinstance(transport, asyncio.WriteTransport):
        raise SMTPServerDisconnected("Connection lost")
    transport.set_write_buffer_limits(high=0)
    protocol.write(content)
    await protocol._drain_helper()


def _check(response: SMTPResponse, wanted: int = 250) -> None:
    if response.code == wanted or (wanted == 250 and response.code == 251):
        return
    if response.code in _OUR_LOGIN:
        raise CredentialsRefused(f"the server does not take our login: {_words(response)}")
    if _OUR_QUOTA in response.message:
        raise AccountUnavailable(f"we have sent too much: {_words(response)}", retry_after=3600)
    if 500 <= response.code < 600:
        raise DeliveryFailed(_words(response))
    raise DeliveryDeferred(f"the smarthost puts it off: {_words(response)}")


def _words(response: SMTPResponse) -> str:
    return f"{response.code} {' '.join(response.message.split())}"[:500]


def _cause(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {error.message}"[:300]
    return str(error)[:300] or type(error).__name__
