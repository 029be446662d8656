"""Handing mails to the smarthost, and knowing afterwards what became of them.

    AccountUnavailable it cannot be reached; CredentialsRefused: it does not take our login
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

import aiosmtplib
from aiosmtplib.errors import SMTPException, SMTPResponseException, SMTPServerDisconnected
from aiosmtplib.response import SMTPResponse

from ...config.errors import AccountUnavailable, CredentialsRefused, DeliveryDeferred, DeliveryFailed, DeliveryUnknown
from ...config.quantities import HostPort
from ...normalizer.outgoing import LEFT_OUT
from .composing import Mail
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


@dataclass(slots=True)
class _Connection:
    client: aiosmtplib.SMTP
    used: bool = False
    last_used: float = 0.0


class Smarthost:
    """The server that takes our mails."""

    def __init__(self, settings: MailSettings, password: str = "") -> None:
        self._settings = settings
        self._password = password
        self._seats = asyncio.Semaphore(_CONNECTIONS)
        self._kept: list[_Connection] = []

    async def deliver(self, mail: Mail) -> str:
        """Hand the mail over; the server's words."""
        address = self._settings.smarthost
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

    def _take_kept(self) -> _Connection | None:
        while self._kept:
            connection = self._kept.pop()
            if connection.client.is_connected and time.monotonic() - connection.last_used < _KEPT_SECONDS:
                return connection
            connection.client.close()
        return None

    async def _connected(self, address: HostPort) -> _Connection:
        settings = self._settings
        client = aiosmtplib.SMTP(
            hostname=address.host,
            port=address.port,
            local_hostname=settings.own_name,
            timeout=_COMMAND_SECONDS,
            use_tls=settings.smarthost_tls == "implicit",
            start_tls=settings.smarthost_tls == "starttls",
            username=settings.smarthost_username or None,
            password=self._password if settings.smarthost_username else None,
        )
        try:
            await client.connect(timeout=_CONNECT_SECONDS)
            await client.ehlo()
        except (SMTPException, OSError, ssl.SSLError, ValueError) as error:
            client.close()
            refused = isinstance(error, SMTPResponseException) and error.code in _OUR_LOGIN
            kind = CredentialsRefused if refused else AccountUnavailable
            raise kind(f"cannot connect to {address}: {_cause(error)}") from error
        return _Connection(client)


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
        raise CredentialsRefused(f"the smarthost does not take our login: {_words(response)}")
    if 500 <= response.code < 600:
        raise DeliveryFailed(_words(response))
    raise DeliveryDeferred(f"the smarthost puts it off: {_words(response)}")


def _words(response: SMTPResponse) -> str:
    return f"{response.code} {' '.join(response.message.split())}"[:500]


def _cause(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {error.message}"[:300]
    return str(error)[:300] or type(error).__name__
