"""The SMTP listener as a peer sees it: real sockets on loopback, and an intake that does what the test wants."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import trustme

from trunkline.adapters.mail.receiving import Receiver
from trunkline.adapters.mail.reply_token import make_token
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.errors import EngineFull, EngineUnavailable, Misconfigured
from trunkline.config.quantities import HostPort

from ..programs import program

SECRET_TEXT = "connection to redis at 10.1.2.3 refused"
ANY_PORT = HostPort("127.0.0.1", 0)
ENVELOPE = "MAIL FROM:<maria@example.org>\r\nRCPT TO:<support@example.test>\r\nDATA\r\n"
SMALL = b"From: maria@example.org\r\nSubject: Hello\r\nMessage-ID: <1@example.org>\r\n\r\nIt does not work.\r\n"


@dataclass
class Accepted:
    id: str
    duplicate: bool = False
    sequence: int = 1


@dataclass
class RecordingIntake:
    """Keeps what it is given; fails or waits when told to."""

    stored: list[dict[str, Any]] = field(default_factory=list)
    failure: BaseException | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def accept(self, **facts: Any) -> Accepted:
        self.entered.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        self.stored.append(facts)
        return Accepted(f"raw-{len(self.stored)}")


class Peer:
    """The other end of an SMTP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def answer(self) -> str:
        lines = []
        while True:
            line = (await self.reader.readline()).decode().rstrip("\r\n")
            lines.append(line)
            if line[3:4] != "-":
                return "\n".join(lines)

    async def say(self, line: str) -> str:
        self.writer.write(line.encode() + b"\r\n")
        return await self.answer()

    async def begin(self, envelope: str = ENVELOPE) -> None:
        """Up to the 354."""
        assert (await self.answer()).startswith("220 ")
        assert (await self.say("EHLO client.example")).startswith("250-")
        for line in envelope.splitlines():
            assert (await self.say(line))[:3] in {"250", "354"}

    async def send(self, content: bytes, end: bytes = b".\r\n") -> str:
        self.writer.write(content + end)
        return await self.answer()

    async def rest(self) -> bytes:
        return await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


class Server:
    def __init__(self, receiver: Receiver, intake: RecordingIntake) -> None:
        self.receiver = receiver
        self.intake = intake
        self.peers: list[Peer] = []

    async def connect(self) -> Peer:
        peer = Peer(*await asyncio.open_connection("127.0.0.1", self.receiver.address.port))
        self.peers.append(peer)
        return peer


def settings(**changes: Any) -> MailSettings:
    return MailSettings.model_validate(
        {"addresses": ["support@example.test", "billing@example.test"], "hostname": "mx.example.test"} | changes
    )


@asynccontextmanager
async def serving(**changes: Any) -> AsyncIterator[Server]:
    intake = RecordingIntake()
    receiver = Receiver(settings(**changes), intake, ANY_PORT)
    await receiver.start()
    server = Server(receiver, intake)
    yield server
    for peer in server.peers:
        await peer.close()
    await receiver.stop()
    assert receiver.in_flight.used == 0


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as running:
        yield running


# What is taken


async def test_a_mail_is_stored_as_it_came_with_the_facts_of_its_transport(server: Server) -> None:
    peer = await server.connect()
    await peer.begin(
        "MAIL FROM:<Maria@example.org> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<BILLING@example.TEST>\r\n"
        "RCPT TO:<support@example.test>\r\nDATA\r\n"
    )
    assert await peer.send(SMALL + b"..a dot\r\n\xff\x00 raw\r\n") == "250 2.0.0 Stored as raw-1"
    stored = server.intake.stored[0]
    assert stored["content"] == SMALL + b".a dot\r\n\xff\x00 raw\r\n"
    assert stored["account"] == "support@example.test", "the first of our addresses in the order of the configuration"
    assert (stored["channel"], stored["kind"], stored["lane"]) == ("mail", "message", "mail:maria@example.org")
    assert stored["transport"] == {
        "peer": "127.0.0.1",
        "helo": "client.example",
        "tls": False,
        "mail_from": "Maria@example.org",
        "rcpt_to": ["BILLING@example.TEST", "support@example.test"],
        "trusted": False,
    }


async def test_one_mail_to_two_addresses_has_one_id_and_two_deliveries(server: Server) -> None:
    for recipient in ("support@example.test", "billing@example.test"):
        peer = await server.connect()
        await peer.begin(f"MAIL FROM:<m@example.org>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")
        await peer.send(b"Received: by " + recipient.encode() + b"\r\n" + SMALL)
    first, second = server.intake.stored
    assert first["external_id"] == second["external_id"]
    assert first["external_id"].startswith("1@example.org#")
    assert first["dedup"] != second["dedup"]


async def test_mail_of_the_null_sender_waits_in_a_line_of_its_own(server: Server) -> None:
    for content in (SMALL, SMALL.replace(b"<1@", b"<2@")):
        peer = await server.connect()
        await peer.begin("MAIL FROM:<>\r\nRCPT TO:<support@example.test>\r\nDATA\r\n")
        await peer.send(content)
    first, second = server.intake.stored
    assert first["transport"]["mail_from"] == ""
    assert first["lane"] != second["lane"]


async def test_a_trusted_peer_is_noted() -> None:
    async with serving(trusted_peers=["127.0.0.0/8"]) as server:
        peer = await server.connect()
        await peer.begin()
        await peer.send(SMALL)
        assert server.intake.stored[0]["transport"]["trusted"] is True


@pytest.mark.parametrize(
    "recipient",
    [
        "support@example.test",
        "SUPPORT@EXAMPLE.TEST",
        "support+anything@example.test",
        "support+@example.test",
        f"Support+{make_token(b'another key', 'T-1', 'a@b.example').upper()}@example.test",
        "billing+a+b@example.test",
    ],
)
async def test_our_addresses_are_taken_in_every_form(server: Server, recipient: str) -> None:
    peer = await server.connect()
    await peer.begin(f"MAIL FROM:<m@example.org>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")
    assert (await peer.send(SMALL)).startswith("250 ")
    assert server.intake.stored[0]["account"] in {"support@example.test", "billing@example.test"}


@pytest.mark.parametrize("recipient", ["postmaster", "POSTMASTER", "Postmaster@EXAMPLE.test"])
async def test_the_postmaster_is_always_taken(server: Server, recipient: str) -> None:
    peer = await server.connect()
    await peer.begin(f"MAIL FROM:<m@example.org>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")
    assert (await peer.send(SMALL)).startswith("250 ")
    assert server.intake.stored[0]["account"] == "support@example.test"


@pytest.mark.parametrize("recipient", ["nobody@example.test", "support@example.org", "postmaster@example.org"])
async def test_any_other_recipient_is_refused(server: Server, recipient: str) -> None:
    peer = await server.connect()
    await peer.begin("MAIL FROM:<m@example.org>\r\n")
    assert (await peer.say(f"RCPT TO:<{recipient}>")).startswith("550 ")
    assert (await peer.say("DATA")).startswith("503 ")


async def test_commands_sent_in_one_go_are_answered_one_by_one_even_when_the_peer_has_stopped_sending(
    server: Server,
) -> None:
    peer = await server.connect()
    lines = "EHLO c\r\n" + ENVELOPE + SMALL.decode() + ".\r\n" + ENVELOPE + "\r\n.\r\nQUIT\r\n"
    peer.writer.write(lines.encode())
    peer.writer.write_eof()
    codes = [line[:3] for line in (await peer.rest()).decode().splitlines() if line[3:4] == " "]
    assert codes == ["220", "250", "250", "250", "354", "250", "250", "250", "354", "250", "221"]
    assert len(server.intake.stored) == 2


async def test_an_international_address_is_taken(server: Server) -> None:
    peer = await server.connect()
    await peer.begin("MAIL FROM:<мария@пример.example> SMTPUTF8\r\nRCPT TO:<support@example.test>\r\nDATA\r\n")
    assert (await peer.send(SMALL)).startswith("250 ")
    assert server.intake.stored[0]["transport"]["mail_from"] == "мария@пример.example"


# Honest refusal


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (EngineUnavailable(SECRET_TEXT), "451"),
        (EngineFull(SECRET_TEXT), "452"),
        (RuntimeError(SECRET_TEXT), "451"),
        (TimeoutError(SECRET_TEXT), "451"),
        (KeyError(SECRET_TEXT), "451"),
        (MemoryError(SECRET_TEXT), "451"),
    ],
)
async def test_trouble_of_ours_is_temporary_and_tells_nothing(
    server: Server, failure: BaseException, code: str
) -> None:
    server.intake.failure = failure
    peer = await server.connect()
    await peer.begin()
    answer = await peer.send(SMALL)
    assert answer.startswith(f"{code} ")
    assert "redis" not in answer
    server.intake.failure = None
    for line in ENVELOPE.splitlines():
        await peer.say(line)
    assert (await peer.send(SMALL)).startswith("250 "), "the same connection goes on"


async def test_a_fault_in_a_command_is_temporary_and_tells_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_address: str) -> None:
        raise RuntimeError(SECRET_TEXT)

    monkeypatch.setattr(server.receiver, "find_recipient", broken)
    peer = await server.connect()
    await peer.begin("MAIL FROM:<m@example.org>\r\n")
    answer = await peer.say("RCPT TO:<support@example.test>")
    assert answer.startswith("451 ")
    assert "redis" not in answer


async def test_storing_that_takes_too_long_is_put_off_and_still_finished() -> None:
    async with serving(caps={"intake_time": "50ms"}) as server:
        server.intake.gate.clear()
        peer = await server.connect()
        await peer.begin()
        assert (await peer.send(SMALL)).startswith("451 ")
        server.intake.gate.set()
        await server.receiver.stop()
        assert len(server.intake.stored) == 1


async def test_storing_goes_on_when_the_peer_goes_away(server: Server) -> None:
    server.intake.gate.clear()
    peer = await server.connect()
    await peer.begin()
    peer.writer.write(SMALL + b".\r\n")
    await server.intake.entered.wait()
    peer.writer.transport.abort()
    server.intake.gate.set()
    await server.receiver.stop()
    assert len(server.intake.stored) == 1


async def test_a_mail_without_its_end_is_not_stored(server: Server) -> None:
    peer = await server.connect()
    await peer.begin()
    peer.writer.write(SMALL)
    await peer.close()
    await server.receiver.stop()
    assert server.intake.stored == []


# Size


async def test_a_mail_that_announces_too_much_is_refused_at_once() -> None:
    async with serving(max_size="64KiB") as server:
        peer = await server.connect()
        await peer.begin("")
        assert (await peer.say("MAIL FROM:<m@example.org> SIZE=65537")).startswith("552 ")


@pytest.mark.parametrize("line_end", [b"\r\n", b""], ids=["in lines", "in one endless line"])
async def test_a_mail_that_is_too_large_is_refused_and_the_connection_goes_on(line_end: bytes) -> None:
    async with serving(max_size="64KiB") as server:
        peer = await server.connect()
        await peer.begin()
        assert (await peer.send((b"x" * 70 + line_end) * 1000 + b"\r\n")).startswith("552 ")
        assert server.intake.stored == []
        for line in ENVELOPE.splitlines():
            await peer.say(line)
        assert (await peer.send(SMALL)).startswith("250 ")


async def test_a_mail_of_exactly_the_limit_is_taken() -> None:
    async with serving(max_size="64KiB") as server:
        peer = await server.connect()
        await peer.begin()
        assert (await peer.send(b"x" * 65534 + b"\r\n")).startswith("250 ")
        assert len(server.intake.stored[0]["content"]) == 65536


async def test_a_mail_without_end_is_cut_off_with_nothing_held() -> None:
    async with serving(max_size="64KiB") as server:
        peer = await server.connect()
        await peer.begin()
        sent = 0
        try:
            while sent < 64 * 1024 * 1024:
                peer.writer.write(b"x" * 65536)
                await peer.writer.drain()
                sent += 65536
        except ConnectionError:
            pass
        assert sent < 16 * 1024 * 1024, "the rest never had to be read"
        assert server.receiver.in_flight.used == 0


async def test_too_much_mail_at_once_is_put_off() -> None:
    async with serving(max_size="64KiB", caps={"in_flight": "64KiB"}) as server:
        first = await server.connect()
        await first.begin()
        server.intake.gate.clear()
        first.writer.write(b"x" * 40_000 + b"\r\n.\r\n")
        await server.intake.entered.wait()
        second = await server.connect()
        await second.begin()
        assert (await second.send(b"y" * 40_000 + b"\r\n")).startswith("452 ")
        server.intake.gate.set()
        assert (await first.answer()).startswith("250 ")


# One mail is one mail

SMUGGLED = (
    b"MAIL FROM:<x@evil.example>\r\nRCPT TO:<support@example.test>\r\nDATA\r\nFrom: x@evil.example\r\n\r\nsmuggled\r\n"
)


@pytest.mark.parametrize(
    "false_end",
    [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n", b"\n.\r", b"\r.\n"],
)
async def test_a_false_end_of_data_refuses_the_mail_and_smuggles_nothing(server: Server, false_end: bytes) -> None:
    peer = await server.connect()
    await peer.begin()
    answer = await peer.send(SMALL + b"text" + false_end + SMUGGLED)
    assert answer.startswith("554 ")
    assert await peer.rest() == b"", "the connection ends, so that nothing behind the refused mail is obeyed"
    assert server.intake.stored == []


@pytest.mark.parametrize("false_end", [b"\r\n.\0\r\n", b"\r\n\0.\r\n", b"\r\n. \r\n", b"\r\n.\t\r\n"])
async def test_a_dot_with_company_ends_nothing(server: Server, false_end: bytes) -> None:
    peer = await server.connect()
    await peer.begin()
    assert (await peer.send(SMALL + b"text" + false_end + SMUGGLED)).startswith("250 ")
    assert len(server.intake.stored) == 1
    assert b"smuggled" in server.intake.stored[0]["content"]


# Syntax


@pytest.mark.parametrize(
    "line",
    [
        "MAIL FROM:m@example.org",
        "MAIL FROM:<m@example.org",
        "MAIL FROM:m@example.org>",
        "MAIL FROM <m@example.org>",
        "MAIL FROM:<m@example.org>SIZE=1",
        "MAIL FROM:<m@example.org> SIZE=one",
        "MAIL FROM:<m@example.org> BODY=BINARYMIME",
        "MAIL FROM:<m@example.org> AUTH=<>",
        "MAIL FROM:<m @example.org>",
        "MAIL FROM:<m@@example.org>",
        "MAIL FROM:<m@example.org> <n@example.org>",
        "MAIL FROM:<m@-example.org>",
        "MAIL TO:<m@example.org>",
        "MAIL",
        "MAIL FROM:<" + "m" * 300 + "@example.org>",
    ],
)
async def test_a_sender_must_be_written_as_the_standard_says(server: Server, line: str) -> None:
    peer = await server.connect()
    await peer.begin("")
    assert (await peer.say(line))[:3] in {"501", "555"}


@pytest.mark.parametrize(
    "line",
    ["RCPT TO:support@example.test", "RCPT TO:<>", "RCPT TO:<support>", "RCPT TO:<support@example.test> NOTIFY=NEVER"],
)
async def test_a_recipient_must_be_written_as_the_standard_says(server: Server, line: str) -> None:
    peer = await server.connect()
    await peer.begin("MAIL FROM:<m@example.org>\r\n")
    assert (await peer.say(line))[:3] in {"501", "555"}


async def test_commands_out_of_order_are_refused(server: Server) -> None:
    peer = await server.connect()
    await peer.answer()
    assert (await peer.say("MAIL FROM:<m@example.org>")).startswith("503 ")
    await peer.say("HELO client.example")
    assert (await peer.say("RCPT TO:<support@example.test>")).startswith("503 ")
    assert (await peer.say("DATA")).startswith("503 ")
    await peer.say("MAIL FROM:<m@example.org>")
    assert (await peer.say("MAIL FROM:<m@example.org>")).startswith("503 ")
    assert (await peer.say("RSET")).startswith("250 ")
    assert (await peer.say("MAIL FROM:<m@example.org>")).startswith("250 ")


@pytest.mark.parametrize(
    "command", ["VRFY support", "EXPN list", "AUTH PLAIN AAAA", "BDAT 3 LAST", "ETRN x", "GET / HTTP/1.1"]
)
async def test_what_is_not_offered_is_refused(server: Server, command: str) -> None:
    peer = await server.connect()
    await peer.begin("")
    assert (await peer.say(command)).startswith("502 ")


async def test_only_what_is_offered_is_said_to_be(server: Server) -> None:
    peer = await server.connect()
    await peer.answer()
    offers = {line[4:] for line in (await peer.say("EHLO client.example")).splitlines()}
    assert offers == {"mx.example.test", "SIZE 26214400", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"}


@pytest.mark.parametrize(
    "line", [b"NOOP\n", b"NO\rOP\r\n", b"NOOP \0\r\n", b"NOOP " + b"x" * 3000 + b"\r\n", b"x" * 300_000 + b"\r\n"]
)
async def test_a_line_that_is_none_is_refused_and_the_next_one_is_read(server: Server, line: bytes) -> None:
    peer = await server.connect()
    await peer.begin("")
    peer.writer.write(line)
    assert (await peer.answer()).startswith("500 ")
    assert (await peer.say("NOOP")).startswith("250 ")


# Limits


async def test_one_peer_gets_a_share_of_the_connections_and_it_comes_back() -> None:
    async with serving(caps={"connections_per_peer": 2}) as server:
        first, second = await server.connect(), await server.connect()
        for peer in (first, second):
            assert (await peer.answer()).startswith("220 ")
        third = await server.connect()
        assert (await third.answer()).startswith("421 ")
        assert await third.rest() == b""
        assert (await first.say("QUIT")).startswith("221 ")
        assert await first.rest() == b""
        fourth = await server.connect()
        assert (await fourth.answer()).startswith("220 ")


async def test_all_connections_together_are_bounded_and_trusted_peers_have_some_left() -> None:
    async with serving(caps={"connections": 10}) as server:
        answers = [(await (await server.connect()).answer())[:3] for _ in range(10)]
        assert answers == ["220"] * 9 + ["421"]
    async with serving(caps={"connections": 10, "connections_per_peer": 1}, trusted_peers=["127.0.0.1"]) as server:
        answers = [(await (await server.connect()).answer())[:3] for _ in range(11)]
        assert answers == ["220"] * 10 + ["421"]


async def test_recipients_errors_commands_and_messages_are_bounded() -> None:
    async with serving(caps={"recipients": 2, "errors": 3, "commands": 12, "messages": 1}) as server:
        peer = await server.connect()
        await peer.begin("MAIL FROM:<m@example.org>\r\n")
        answers = [(await peer.say("RCPT TO:<support@example.test>"))[:3] for _ in range(3)]
        assert answers == ["250", "250", "452"]
        answers = [(await peer.say("WHAT"))[:3] for _ in range(4)]
        assert answers == ["502", "502", "502", "421"]
        peer = await server.connect()
        await peer.begin("")
        answers = [(await peer.say("NOOP"))[:3] for _ in range(12)]
        assert answers == ["250"] * 11 + ["421"]
        peer = await server.connect()
        await peer.begin()
        await peer.send(SMALL)
        assert (await peer.say("MAIL FROM:<m@example.org>")).startswith("421 ")


async def test_recipients_over_the_limit_are_put_off_and_come_in_a_further_mail() -> None:
    async with serving(caps={"recipients": 2, "errors": 3}) as server:
        peer = await server.connect()
        await peer.begin("MAIL FROM:<m@example.org>\r\n")
        answers = [(await peer.say("RCPT TO:<support@example.test>"))[:3] for _ in range(20)]
        assert answers == ["250"] * 2 + ["452"] * 18
        assert (await peer.say("DATA")).startswith("354 ")
        assert (await peer.send(SMALL)).startswith("250 ")
        for line in ("MAIL FROM:<m@example.org>", "RCPT TO:<support@example.test>"):
            assert (await peer.say(line)).startswith("250 ")


async def test_recipients_behind_a_mail_that_was_refused_do_not_end_the_connection() -> None:
    async with serving(caps={"errors": 3}) as server:
        peer = await server.connect()
        await peer.begin("")
        peer.writer.write(b"MAIL FROM:<m@example.org> SIZE=999999999\r\n" + b"RCPT TO:<support@example.test>\r\n" * 20)
        assert [(await peer.answer())[:3] for _ in range(21)] == ["552"] + ["503"] * 20
        assert (await peer.say("MAIL FROM:<m@example.org>")).startswith("250 ")


async def test_silent_peers_are_told_to_go_soon_once_connections_run_short() -> None:
    async with serving(caps={"connections": 8, "connections_per_peer": 8, "idle_under_load": "100ms"}) as server:
        peers = [await server.connect() for _ in range(5)]
        await peers[1].begin()
        for peer in (peers[0], *peers[2:]):
            assert (await peer.answer()).startswith("220 ")
        peers.append(await server.connect())
        for peer in peers:
            assert b"421 4.4.2 " in await peer.rest()


async def test_one_peer_cannot_take_all_room_for_mails_and_our_own_servers_have_some_left() -> None:
    places = Receiver(settings(max_size="1MiB", caps={"in_flight": "8MiB"}), RecordingIntake(), ANY_PORT).in_flight
    kib = 1024
    assert [places.take("a", kib * kib) for _ in range(3)] == [True, True, False]
    assert [places.take(name, kib * kib) for name in "bcdef"] == [True] * 5
    assert (places.take("g", kib * kib), places.take("own", kib * kib, favoured=True)) == (False, True)


@pytest.mark.parametrize("words", [b"", b"EHLO c\r\nNOO", b"EHLO c\r\n" + ENVELOPE.encode() + b"From: m"])
async def test_a_silent_peer_is_told_to_go(words: bytes) -> None:
    async with serving(caps={"idle": "100ms", "idle_under_load": "100ms"}) as server:
        peer = await server.connect()
        peer.writer.write(words)
        assert b"\r\n421 4.4.2 " in await peer.rest()


@pytest.mark.parametrize("loop", ["NOOP", "RSET", "HELP", "EHLO c", "MAIL FROM:<m@example.org>\nRSET", "RCPT TO:<x>"])
async def test_a_peer_whose_commands_bring_no_mail_further_is_as_good_as_silent(loop: str) -> None:
    async with serving(caps={"idle": "200ms"}) as server:
        peer = await server.connect()
        await peer.answer()
        lines = cycle(["EHLO c", *loop.splitlines()])
        while (said := await peer.say(next(lines)))[0] in "25":
            pass
        assert said.startswith("421 4.4.2 ")


async def test_a_peer_that_comes_further_has_the_whole_time_for_its_next_command() -> None:
    async with serving() as server:
        peer = await server.connect()
        await peer.answer()
        (conversation,) = server.receiver._sessions

        async def closes_at() -> float:
            await peer.say("NOOP")  # what came before it is over
            assert conversation._timeout_handle is not None
            return conversation._timeout_handle.when()

        mail, to = ENVELOPE.splitlines()[:2]
        for words, further in [
            (["EHLO c"], True),
            (["HELP", "RSET", "EHLO c"], False),
            ([mail], True),
            (["RSET", mail], False),
            ([to], True),
            ([to], True),
            (["RSET", mail, to, to], False),
            ([to], True),
            (["DATA", f"{SMALL.decode()}."], True),
            ([mail], True),
        ]:
            before = await closes_at()
            for line in words:
                assert (await peer.say(line))[0] in "23"
            assert (await closes_at() > before) is further, words


@pytest.mark.parametrize("caps", [{"message_time": "200ms"}, {"idle": "200ms"}], ids=["time", "pace"])
async def test_a_peer_that_drips_a_mail_is_cut_off_in_the_end(caps: dict[str, str]) -> None:
    async with serving(caps=caps) as server:
        peer = await server.connect()
        await peer.begin()
        answer = asyncio.create_task(peer.answer())
        while not answer.done():
            peer.writer.write(b"x")
            await asyncio.wait({answer}, timeout=0.01)
        assert answer.result().startswith("421 ")


# TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    authority = trustme.CA()
    folder = tmp_path_factory.mktemp("tls")
    path = folder / "mx.pem"
    authority.issue_cert("mx.example.test").private_key_and_cert_chain_pem.write_to_path(str(path))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return path, context


async def test_a_mail_over_starttls_says_so(certificates: tuple[Path, ssl.SSLContext]) -> None:
    path, context = certificates
    async with serving(certificate=str(path)) as server:
        peer = await server.connect()
        await peer.answer()
        assert "STARTTLS" in await peer.say("EHLO client.example")
        assert (await peer.say("STARTTLS")).startswith("220 ")
        await peer.writer.start_tls(context, server_hostname="mx.example.test")
        offers = await peer.say("EHLO client.example")
        assert "STARTTLS" not in offers
        for line in ENVELOPE.splitlines():
            await peer.say(line)
        assert (await peer.send(SMALL)).startswith("250 ")
        assert server.intake.stored[0]["transport"]["tls"] is True
        assert (await peer.say("QUIT")).startswith("221 ")


async def test_what_was_said_before_the_handshake_counts_for_nothing(
    certificates: tuple[Path, ssl.SSLContext],
) -> None:
    """CVE-2024-34083: commands injected behind STARTTLS must not be obeyed inside TLS."""
    path, context = certificates
    async with serving(certificate=str(path)) as server:
        peer = await server.connect()
        await peer.answer()
        await peer.say("EHLO injected.example")
        peer.writer.write(b"MAIL FROM:<before@evil.example>\r\n")
        assert (await peer.answer()).startswith("250 ")
        peer.writer.write(b"STARTTLS\r\nEHLO injected.example\r\nMAIL FROM:<injected@evil.example>\r\n")
        assert (await peer.answer()).startswith("220 ")
        try:
            await peer.writer.start_tls(context, server_hostname="mx.example.test")
        except (ssl.SSLError, ConnectionError):
            return  # the injected bytes spoilt the handshake, which is as good
        assert (await peer.say("RCPT TO:<support@example.test>")).startswith("503 ")


async def test_a_handshake_that_fails_leaves_nothing_behind(certificates: tuple[Path, ssl.SSLContext]) -> None:
    path, _ = certificates
    async with serving(certificate=str(path), caps={"connections_per_peer": 1}) as server:
        peer = await server.connect()
        await peer.answer()
        await peer.say("EHLO client.example")
        await peer.say("STARTTLS")
        peer.writer.write(b"this is no handshake\r\n" * 10)
        await peer.rest()
        again = await server.connect()
        assert (await again.answer()).startswith("220 ")


async def test_a_peer_that_never_shakes_hands_is_cut_off(certificates: tuple[Path, ssl.SSLContext]) -> None:
    path, _ = certificates
    caps = {"idle": "100ms", "idle_under_load": "100ms", "connections_per_peer": 1}
    async with serving(certificate=str(path), caps=caps) as server:
        peer = await server.connect()
        await peer.answer()
        await peer.say("EHLO client.example")
        assert (await peer.say("STARTTLS")).startswith("220 ")
        await peer.rest()
        again = await server.connect()
        assert (await again.answer()).startswith("220 ")


async def test_a_certificate_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    receiver = Receiver(settings(certificate=str(tmp_path / "none.pem")), RecordingIntake(), HostPort("127.0.0.1", 0))
    with pytest.raises(Misconfigured, match="certificate"):
        await receiver.start()


# Service


async def test_a_stop_lets_a_mail_come_to_its_answer_and_sends_idle_peers_away() -> None:
    async with serving() as server:
        idle, busy = await server.connect(), await server.connect()
        await idle.begin("")
        await busy.begin()
        server.intake.gate.clear()
        busy.writer.write(SMALL + b".\r\n")
        await server.intake.entered.wait()
        stopping = asyncio.create_task(server.receiver.stop())
        assert (await idle.answer()).startswith("421 ")
        assert not stopping.done()
        server.intake.gate.set()
        assert (await busy.answer()).startswith("250 ")
        assert (await busy.say("NOOP")).startswith("421 ")
        await stopping
        with pytest.raises(ConnectionRefusedError):
            await server.connect()


async def test_start_and_stop_may_be_called_again() -> None:
    receiver = Receiver(settings(), RecordingIntake(), HostPort("127.0.0.1", 0))
    await receiver.stop()
    await receiver.start()
    port = receiver.address.port
    await receiver.start()
    assert receiver.address.port == port
    await receiver.stop()
    await receiver.stop()
    await receiver.start()
    await receiver.stop()


async def test_a_port_that_is_taken_is_a_misconfiguration(server: Server) -> None:
    with pytest.raises(Misconfigured, match="cannot listen"):
        await Receiver(settings(), RecordingIntake(), server.receiver.address).start()


async def test_swaks_delivers(server: Server) -> None:
    command = [
        program("swaks"),
        "--server",
        str(server.receiver.address),
        "--to",
        "support@example.test",
        "--from",
        "m@example.org",
    ]
    process = await asyncio.create_subprocess_exec(*command, "--body", "Hello", stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert b"Hello" in server.intake.stored[0]["content"]
