"""Mail from end to end on a real engine: over SMTP into the store, read, answered, and the answer's answer."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP

from trunkline.adapters.mail.channel import MailChannel
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.errors import DeliveryDeferred, DeliveryFailed, EngineUnavailable
from trunkline.config.quantities import HostPort
from trunkline.normalizer.envelope import Assurance, Attachment, Envelope, RawMessage
from trunkline.normalizer.outgoing import Outgoing
from trunkline.queue.blobs import Blobs
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.intake import Intake, unpack

ARTICLE = "0193512e-aaaa-7000-8000-000000000002"


class World:
    """A mail channel, the engine behind it, and the smarthost before it."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.blobs = Blobs(folder, engine)
        self.clock = ManualClock()
        self.intake = Intake(engine, self.clock, self.blobs)
        self.mails: list[bytes] = []
        self.reverse_paths: list[str] = []

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self.sink = await loop.create_server(lambda: SMTP(self, hostname="sink", loop=loop), "127.0.0.1", 0)
        port = self.sink.sockets[0].getsockname()[1]
        settings = MailSettings.model_validate(
            {"addresses": ["support@example.test"], "name": "Example Support", "smarthost": f"127.0.0.1:{port}"}
        )
        self.channel = MailChannel(
            settings, intake=self.intake, token_key=b"k" * 32, read_blob=self.blobs.get, listen=HostPort("127.0.0.1", 0)
        )
        await self.channel.start()

    async def close(self) -> None:
        await self.channel.stop()
        self.sink.close()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        self.mails.append(envelope.content)
        self.reverse_paths.append(envelope.mail_from)
        return "250 taken"

    async def deliver(self, content: bytes, sender: str = "maria@example.org", to: str = "support@example.test") -> str:
        client = aiosmtplib.SMTP(
            hostname="127.0.0.1", port=self.channel.address.port, local_hostname="c", start_tls=False
        )
        async with client:
            _, words = await client.sendmail(sender, [to], content)
        return words.rpartition(" ")[2]

    async def stored(self) -> list[RawMessage]:
        """The raw messages as the filing worker would get them."""
        raws = []
        for lane in (await self.intake.queue.claim(self.clock.now(), lanes=100)).lanes:
            for entry in lane:
                header, content = unpack(entry.payload)
                content = content or await self.blobs.get(header["blob"])
                kept = {name: value for name, value in header.items() if name != "kind"}
                raws.append(RawMessage(**kept, content=content, sequence=entry.sequence))
        return raws

    async def envelope(self) -> Envelope:
        (raw,) = await self.stored()
        return (await self.channel.parse(raw)).envelopes[0]


@pytest.fixture
async def world(engine: Engine, tmp_path: Path) -> AsyncIterator[World]:
    made = World(engine, tmp_path)
    await made.blobs.start()
    await made.open()
    yield made
    await made.close()
    await made.blobs.stop()


def mail(identifier: str = "1", body: str = "It does not work.", **headers: str) -> bytes:
    given = {"From": "Maria <maria@example.org>", "Message-ID": f"<{identifier}@example.org>", "Subject": "Help"}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in (given | headers).items()]
    return "\r\n".join([*lines, "", body, ""]).encode()


def reply(**changes: Any) -> Outgoing:
    given: dict[str, Any] = {
        "article_id": ARTICLE,
        "external_id": f"{ARTICLE}@example.test",
        "ticket_id": "t",
        "number": "T-1042",
        "channel": "mail",
        "account": "support@example.test",
        "to": "maria@example.org",
        "subject": "Help",
        "text": "It works again.",
        "in_reply_to": "1@example.org",
        "created_at": 1_700_000_000_000,
    }
    return Outgoing(**(given | changes))


async def test_the_answer_names_the_raw_id_and_a_repeat_gets_the_first_ones(world: World) -> None:
    identifier = await world.deliver(mail())
    assert await world.deliver(mail()) == identifier
    (raw,) = await world.stored()
    assert raw.id == identifier
    assert raw.content == mail()


async def test_a_mail_at_the_same_moment_over_many_connections_is_one(world: World) -> None:
    identifiers = await asyncio.gather(*(world.deliver(mail()) for _ in range(15)))
    assert len(set(identifiers)) == 1
    assert len(await world.stored()) == 1


async def test_another_text_under_a_known_id_is_another_mail(world: World) -> None:
    first, second = await world.deliver(mail(body="one")), await world.deliver(mail(body="two"))
    assert first != second


async def test_a_large_mail_comes_back_byte_for_byte(world: World) -> None:
    content = mail(body="\r\n".join(["..a line with dots" * 3] * 5000))
    await world.deliver(content)
    (raw,) = await world.stored()
    assert hashlib.sha256(raw.content).digest() == hashlib.sha256(content).digest()


async def test_an_engine_that_is_away_puts_the_mail_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any, **__: Any) -> None:
        raise EngineUnavailable("the engine is away")

    with monkeypatch.context() as patch:
        patch.setattr(world.engine, "run", away)
        with pytest.raises(aiosmtplib.SMTPDataError) as caught:
            await world.deliver(mail())
        assert caught.value.code == 451
    assert await world.deliver(mail())


async def test_an_answer_to_our_reply_joins_and_proves_its_author(world: World) -> None:
    await world.channel.send(reply())
    sent = message_from_bytes(world.mails[0], policy=policy.default)
    address = sent["Reply-To"].addresses[0].addr_spec
    quoted = "\r\n".join(f"> {line}" for line in sent.get_content().splitlines())
    answer = mail(
        "2",
        f"Thank you!\r\n\r\nOn Mon, 1 Jan 2024, Example Support wrote:\r\n{quoted}",
        In_Reply_To=f"<{ARTICLE}@example.test>",
        References=f"<1@example.org> <{ARTICLE}@example.test>",
    )
    await world.deliver(answer, to=address)
    read = await world.envelope()
    assert read.reply_token is not None
    assert (read.reply_token.number, read.reply_token.from_bound_address) == ("T-1042", True)
    assert read.sender.identities[0].assurance is Assurance.ORIGIN
    assert read.conversation == (f"mail:{ARTICLE}@example.test", "mail:1@example.org")
    assert read.account == "support@example.test"
    assert read.text == "Thank you!"
    assert read.suspend == ""


async def test_a_bounce_of_our_reply_becomes_its_receipt(world: World) -> None:
    await world.channel.send(reply())
    bounce = (
        b"From: MAILER-DAEMON@mx.example.org\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        b"Action: failed\r\nStatus: 5.1.1\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        + world.mails[0]
        + b"\r\n--b--\r\n"
    )
    await world.deliver(bounce, sender="", to=world.reverse_paths[0])
    read = await world.envelope()
    assert (read.kind, read.automation, read.suspend) == ("delivery", "bounce", "")
    assert read.delivery is not None
    assert (read.delivery.state, read.delivery.reference) == ("failed", f"{ARTICLE}@example.test")
    assert read.reply_token is not None
    assert read.reply_token.number == "T-1042"


async def test_our_own_mail_sent_to_ourselves_is_a_loop(world: World) -> None:
    await world.channel.send(reply())
    await world.deliver(world.mails[0])
    assert (await world.envelope()).suspend == "loop"


async def test_a_file_of_the_blobs_goes_out_and_a_missing_engine_puts_it_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"%PDF" + bytes(1000)
    sha256 = await world.blobs.put(content)
    attachment = Attachment(name="bill.pdf", media_type="application/pdf", size=len(content), sha256=sha256)
    await world.channel.send(reply(attachments=(attachment,)))
    assert b'filename="bill.pdf"' in world.mails[0]

    async def away(_: str) -> bytes:
        raise EngineUnavailable("away")

    monkeypatch.setattr(world.channel, "_read_blob", away)
    with pytest.raises(DeliveryDeferred, match="attachment"):
        await world.channel.send(reply(attachments=(attachment,)))


async def test_files_arrive_byte_for_byte_under_safe_names(world: World) -> None:
    files = {
        "Angebot für März – ½ Preis.pdf": b"%PDF" + bytes(range(256)) * 300,
        '../..\\evil"\r\nBcc: mallory@evil.example\r\n.txt': b"--=_mixed\r\n.\r\n",
    }
    attachments = [
        Attachment(name=name, media_type="text/plain", size=len(content), sha256=await world.blobs.put(content))
        for name, content in files.items()
    ]
    await world.channel.send(reply(attachments=tuple(attachments)))
    sent = message_from_bytes(world.mails[0], policy=policy.default)
    assert sent.get_content_type() == "multipart/mixed"
    assert sent["Bcc"] is None
    assert "It works again." in sent.get_body(("plain",)).get_content()
    parts = list(sent.iter_attachments())
    assert [part.get_payload(decode=True) for part in parts] == list(files.values())
    assert parts[0].get_filename() == "Angebot für März – ½ Preis.pdf"
    assert all(sign not in parts[1].get_filename() for sign in '/\\"\r\n:')


async def test_a_file_that_is_lost_fails_the_reply_and_nothing_is_sent(world: World) -> None:
    attachment = Attachment(name="bill.pdf", media_type="application/pdf", size=1, sha256="0" * 64)
    with pytest.raises(DeliveryFailed, match="bill"):
        await world.channel.send(reply(attachments=(attachment,)))
    assert world.mails == []
