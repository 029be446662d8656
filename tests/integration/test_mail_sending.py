"""Handing mails to a smarthost: a real one (aiosmtpd), and one that misbehaves in every phase of the dialogue."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from trunkline.adapters.mail.composing import Mail
from trunkline.adapters.mail.sending import Smarthost, smarthost_of
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.errors import (
    AccountUnavailable,
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
)

MAIL = Mail(
    reverse_path="support+token@example.test",
    recipients=("maria@example.org",),
    content=b"Subject: Re: Hello\r\n\r\n.a dot at the beginning\r\nand no line end",
)


@dataclass
class Sink:
    """A smarthost that takes everything."""

    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 queued as 4711"


@asynccontextmanager
async def sink(**arguments: Any) -> AsyncIterator[Sink]:
    loop = asyncio.get_running_loop()
    handler = Sink()

    def protocol() -> SMTP:
        handler.connections += 1
        return SMTP(handler, hostname="sink.example", enable_SMTPUTF8=True, loop=loop, **arguments)

    server = await loop.create_server(protocol, "127.0.0.1", 0)
    handler.port = server.sockets[0].getsockname()[1]
    yield handler
    server.close()


def smarthost(port: int, password: str = "", **changes: Any) -> Smarthost:
    given = {"addresses": ["support@example.test"], "smarthost": f"127.0.0.1:{port}"} | changes
    return Smarthost(smarthost_of(MailSettings.model_validate(given), password))


async def test_a_mail_is_handed_over_and_the_servers_words_come_back() -> None:
    async with sink() as server:
        host = smarthost(server.port)
        assert await host.deliver(MAIL) == "250 2.0.0 queued as 4711"
        await host.close()
        assert server.mails == [
            (MAIL.reverse_path, ["maria@example.org"], MAIL.content + b"\r\n"),
        ]


async def test_a_copy_that_is_refused_keeps_nobody_else_from_the_mail_and_is_told() -> None:
    mail = Mail(
        reverse_path="", recipients=("m@example.org", "gone@example.net", "b@example.net"), content=MAIL.content
    )
    answers = ["220 x", "250 x", "250 x", "250 x", "550 no such user", "250 x", "354 x", "250 taken"]
    async with scripted(answers) as port:
        host = smarthost(port)
        assert await host.deliver(mail) == "250 taken; not taken for gone@example.net: 550 no such user"
        await host.close()
    async with scripted(["220 x", "250 x", "250 x", "550 no such user"]) as port:
        with pytest.raises(DeliveryFailed, match="no such user"):
            await smarthost(port).deliver(mail)


async def test_a_mail_without_return_path_has_the_null_sender() -> None:
    async with sink() as server:
        host = smarthost(server.port)
        await host.deliver(Mail(reverse_path="", recipients=("maria@example.org",), content=MAIL.content))
        await host.close()
        assert server.mails[0][0] == "<>"


async def test_connections_are_used_again_and_a_few_are_enough() -> None:
    async with sink() as server:
        host = smarthost(server.port)
        await host.deliver(MAIL)
        await host.deliver(MAIL)
        assert server.connections == 1
        await asyncio.gather(*(host.deliver(MAIL) for _ in range(20)))
        assert server.connections <= 4
        assert len(server.mails) == 22
        await host.close()


async def test_an_international_address_needs_a_server_that_knows_them() -> None:
    mail = Mail(reverse_path="", recipients=("мария@пример.example",), content=MAIL.content)
    async with sink() as server:
        host = smarthost(server.port)
        await host.deliver(mail)
        await host.close()
        assert server.mails[0][1] == ["мария@пример.example"]
    async with scripted(["220 x", "250 x", "250 x"]) as port:
        with pytest.raises(DeliveryFailed, match="SMTPUTF8"):
            await smarthost(port).deliver(mail)


async def test_a_login_travels_encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    certificate = tmp_path / "sink.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    seen: list[LoginPassword] = []

    def authenticator(_s: Any, _e: Any, _x: Any, _m: str, data: LoginPassword) -> AuthResult:
        seen.append(data)
        return AuthResult(success=data.password == b"right", handled=False)

    async with sink(
        tls_context=context, require_starttls=True, authenticator=authenticator, auth_required=True
    ) as server:
        host = smarthost(server.port, "right", smarthost_tls="starttls", smarthost_username="desk")
        await host.deliver(MAIL)
        await host.close()
        assert seen[0].login == b"desk"
        with pytest.raises(DeliveryDeferred, match="535"):
            await smarthost(server.port, "wrong", smarthost_tls="starttls", smarthost_username="desk").deliver(MAIL)


# A server that says what the test wants

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@asynccontextmanager
async def scripted(answers: list[str]) -> AsyncIterator[int]:
    """The greeting and one answer for each command; behind the last one the connection ends."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for index, answer in enumerate(answers):
            if index:
                line = await reader.readline()
                while answers[index - 1].startswith("354") and line != b".\r\n":
                    line = await reader.readline()
            writer.write(answer.encode() + b"\r\n")

    async with talking(talk) as port:
        yield port


HELLO = ["220 x", "250 x"]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        (["554 go away"], AccountUnavailable),
        (["421 busy"], AccountUnavailable),
        (["nonsense"], AccountUnavailable),
        ([], AccountUnavailable),
        (["220 x"], AccountUnavailable),
        ([*HELLO], DeliveryDeferred),
        ([*HELLO, "451 later"], DeliveryDeferred),
        ([*HELLO, "530 log in first"], CredentialsRefused),
        ([*HELLO, "550 sender refused"], DeliveryFailed),
        ([*HELLO, "250 x"], DeliveryDeferred),
        ([*HELLO, "250 x", "450 greylisted"], DeliveryDeferred),
        ([*HELLO, "250 x", "550 no such user"], DeliveryFailed),
        ([*HELLO, "250 x", "421 closing"], DeliveryDeferred),
        ([*HELLO, "250 x", "250 x"], DeliveryDeferred),
        ([*HELLO, "250 x", "250 x", "451 later"], DeliveryDeferred),
        ([*HELLO, "250 x", "250 x", "554 no"], DeliveryFailed),
        ([*HELLO, "250 x", "250 x", "250 what"], DeliveryDeferred),
        ([*HELLO, "250 x", "251 x", "354 go", "451 later"], DeliveryDeferred),
        ([*HELLO, "250 x", "250 x", "354 go", "552 too large"], DeliveryFailed),
        ([*HELLO, "250 x", "250 x", "354 go", "nonsense"], DeliveryUnknown),
    ],
)
async def test_every_answer_has_its_meaning(answers: list[str], error: type[Exception]) -> None:
    async with scripted(answers) as port:
        host = smarthost(port)
        with pytest.raises(error) as caught:
            await host.deliver(MAIL)
        assert type(caught.value) is error
        if answers and answers[-1][:1] in "45":
            assert answers[-1][4:] in str(caught.value), "the cause is shown to people"
        await host.close()


async def dialogue_to_data(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for answer in ("220 x", "250 x", "250 x", "250 x", "354 go"):
        if answer != "220 x":
            await reader.readline()
        writer.write(answer.encode() + b"\r\n")


async def test_a_connection_that_breaks_behind_the_final_dot_leaves_the_fate_unknown() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await dialogue_to_data(reader, writer)
        while await reader.readline() != b".\r\n":
            pass

    async with talking(talk) as port:
        with pytest.raises(DeliveryUnknown):
            await smarthost(port).deliver(MAIL)


async def test_a_connection_that_breaks_within_the_mail_has_sent_nothing() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await dialogue_to_data(reader, writer)
        await reader.readexactly(1000)
        writer.transport.abort()

    large = Mail(reverse_path="", recipients=("m@example.org",), content=b"x" * 70 + b"\r\n" * 4_000_000)
    async with talking(talk) as port:
        with pytest.raises(DeliveryDeferred):
            await smarthost(port).deliver(large)


async def test_a_kept_connection_that_was_closed_meanwhile_is_replaced() -> None:
    said: list[bytes] = []
    closed = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = not said
        await dialogue_to_data(reader, writer)
        while (line := await reader.readline()) != b".\r\n":
            said.append(line)
        writer.write(b"250 taken\r\n")
        if first:
            await reader.readline()  # the MAIL of the second mail: the answer is a closed connection
            writer.close()
            closed.set()

    async with talking(talk) as port:
        host = smarthost(port)
        assert await host.deliver(MAIL) == "250 taken"
        assert await host.deliver(MAIL) == "250 taken"
        assert closed.is_set()
        await host.close()


async def test_without_a_smarthost_or_when_nobody_listens_nothing_is_sent() -> None:
    with pytest.raises(DeliveryDeferred, match="no smarthost"):
        await Smarthost(smarthost_of(MailSettings(addresses=("support@example.test",)))).deliver(MAIL)
    async with scripted([]) as port:
        pass
    with pytest.raises(DeliveryDeferred, match="cannot connect"):
        await smarthost(port).deliver(MAIL)


async def test_closing_may_be_called_again() -> None:
    async with sink() as server:
        host = smarthost(server.port)
        await host.close()
        await host.deliver(MAIL)
        await host.close()
        await host.close()
        await host.deliver(MAIL)
        await host.close()
