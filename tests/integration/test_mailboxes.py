"""Mailboxes at a provider, read from a real Dovecot."""

import asyncio
import re
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from trunkline.adapters.mail.imap.access import Credential, PasswordAccess
from trunkline.adapters.mail.imap.cursor import Hold, Lost, MailboxCursor
from trunkline.adapters.mail.imap.mailbox_settings import MailboxSettings
from trunkline.adapters.mail.imap.reader import MailboxReader
from trunkline.adapters.mail.imap.reading import FAILURES, MailboxReading
from trunkline.adapters.mail.imap.sent_folder import SentFolder
from trunkline.adapters.mail.imap.session import ImapSession
from trunkline.adapters.mail.loops import HEADER
from trunkline.adapters.mail.mailbox_intake import MailboxIntake
from trunkline.adapters.mail.sent_mails import left_here
from trunkline.config.errors import CredentialsRefused, DeliveryDeferred, EngineFull, EngineUnavailable
from trunkline.queue.blobs import Blobs
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.intake import Intake, unpack
from trunkline.queue.unread_sources import FORGOTTEN_MS, PATIENCE_MS, Unread, UnreadSources

from ..dovecot import PASSWORD, USER, Dovecot

if TYPE_CHECKING:
    from .mail_desk import MailDesk

LARGEST = 64 * 1024


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(
        prefix="dovecot", ignore_cleanup_errors=True
    ) as folder:  # paths of sockets are short
        server = Dovecot(Path(folder))
        server.start()
        yield server
        server.kill()


def mail(number: int, text: str = "My lamp is broken.", **headers: str) -> bytes:
    given = {"From": "Ann <ann@a.example>", "To": USER, "Subject": f"Lamp {number}", "Message-ID": f"<m{number}@a.ex>"}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in (given | headers).items() if value]
    return "\r\n".join([*lines, "", text, ""]).encode()


class Station:
    """One process that reads the mailbox, on a real engine."""

    def __init__(self, engine: Engine, blobs: Blobs, dovecot: Dovecot, **settings: Any) -> None:
        self.clock = ManualClock(int(time.time() * 1000))  # by which Dovecot dates what comes
        self.news = asyncio.Event()
        self.outcomes: list[str] = []
        self.refusal: Exception | None = None
        self.intake = Intake(engine, self.clock, blobs, gate=self._gate, count=self._count)
        self.settings = MailboxSettings.model_validate(
            {
                "address": USER,
                "imap": f"localhost:{dovecot.implicit}",
                "authority": str(dovecot.authority),
                "history": "366d",
            }
            | settings
        )
        self.cursor = MailboxCursor(engine, self.clock, "support", holder=f"process {id(self)}")
        self.reading = MailboxReading(
            "support",
            self.settings,
            cursor=self.cursor,
            take=MailboxIntake("support", self.settings, self.intake).take,
            clock=self.clock,
            largest=LARGEST,
            left_here=left_here,
        )
        self.password = PASSWORD
        self.sources = UnreadSources(engine, self.clock)
        self.reader = MailboxReader(
            "support",
            self.settings,
            cursor=self.cursor,
            reading=self.reading,
            access=PasswordAccess(USER, lambda: self.password),
            sources=self.sources,
        )

    def _gate(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    def _count(self, _: str, outcome: str) -> None:
        self.outcomes.append(outcome)
        self.news.set()

    async def hold(self) -> Hold:
        held = await self.cursor.claim()
        assert isinstance(held, Hold)
        return held

    @asynccontextmanager
    async def session(self) -> AsyncIterator[ImapSession]:
        session = ImapSession(self.settings)
        try:
            await session.open(Credential(USER, self.password))
            yield session
        finally:
            await session.close()

    async def read(self) -> list[str]:
        """Read the mailbox once; what intake said of each mail."""
        self.outcomes.clear()
        async with self.session() as session:
            await self.reading.read(session, await self.hold())
        return list(self.outcomes)

    async def until(self, accepted: int) -> None:
        """Returns when so many mails were stored since the beginning."""
        async with asyncio.timeout(20):
            while self.outcomes.count("accepted") < accepted:
                self.news.clear()
                await self.news.wait()

    async def stored(self) -> Sequence[tuple[dict[str, Any], bytes]]:
        """All that waits to be filed, in its order."""
        queue = self.intake.queue
        entries = await queue.engine.call("HGETALL", queue.keys["entries"])
        pairs = entries.items() if isinstance(entries, dict) else zip(entries[::2], entries[1::2], strict=True)
        return [unpack(payload) for _, payload in sorted(pairs, key=lambda pair: int(pair[0]))]


@pytest.fixture
async def blobs(engine: Engine, tmp_path: Path) -> AsyncIterator[Blobs]:
    kept = Blobs(tmp_path / "blobs", engine)
    await kept.start()
    yield kept
    await kept.stop()


@pytest.fixture
def station(engine: Engine, blobs: Blobs, dovecot: Dovecot) -> Station:
    return Station(engine, blobs, dovecot)


async def test_what_lies_in_the_mailbox_is_stored_once_and_marked_as_read_only_then(
    station: Station, dovecot: Dovecot
) -> None:
    dovecot.deliver(mail(1), mail(2))

    station.refusal = EngineFull("no room")
    with pytest.raises(EngineFull):
        await station.read()
    assert dovecot.flags() == ["", ""]
    station.refusal = None

    assert await station.read() == ["accepted", "accepted"]
    assert dovecot.flags() == ["seen", "seen"]
    assert await station.read() == []
    header, content = (await station.stored())[0]
    assert content == mail(1)
    assert header["account"] == USER
    assert header["transport"]["folder"] == "INBOX"


async def test_mails_that_come_while_nobody_reads_are_taken_at_the_next_start(
    station: Station, dovecot: Dovecot
) -> None:
    dovecot.deliver(mail(1))
    await station.read()
    dovecot.deliver(*(mail(number) for number in range(2, 30)))

    assert await station.read() == ["accepted"] * 28
    assert await station.read() == []


async def test_without_a_history_only_what_comes_from_now_on_is_taken(
    engine: Engine, blobs: Blobs, dovecot: Dovecot
) -> None:
    station = Station(engine, blobs, dovecot, history="0s")
    dovecot.deliver(mail(1))

    assert await station.read() == []
    dovecot.deliver(mail(2))

    assert await station.read() == ["accepted"]
    assert dovecot.flags() == ["", "seen"]


async def test_a_folder_that_is_numbered_anew_is_read_again_and_nothing_doubles(
    station: Station, dovecot: Dovecot
) -> None:
    dovecot.deliver(mail(1), mail(2))
    await station.read()
    dovecot.renumber(4711)
    dovecot.deliver(mail(3))

    assert await station.read() == ["duplicate", "duplicate", "accepted"]
    assert await station.read() == []


async def test_a_mailbox_that_was_emptied_and_begins_to_number_anew_is_read_on(
    station: Station, dovecot: Dovecot
) -> None:
    dovecot.deliver(mail(1), mail(2))
    await station.read()
    dovecot.remove()
    dovecot.renumber(99)
    dovecot.deliver(mail(2), mail(3))

    assert await station.read() == ["duplicate", "accepted"]


async def test_what_is_renumbered_is_read_again_only_as_far_back_as_repeats_are_recognised(
    station: Station, dovecot: Dovecot
) -> None:
    with dovecot.client() as client:
        client.append("INBOX", "", '"01-Jan-2026 10:00:00 +0000"', mail(1))
    await station.read()
    dovecot.renumber(4711)

    assert await station.read() == []


async def test_of_a_mail_that_is_too_large_only_the_headers_are_fetched_and_the_rest_flows_on(
    station: Station, dovecot: Dovecot
) -> None:
    large = mail(2, "x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 2000, Content_Type="text/html; charset=utf-16")
    dovecot.deliver(mail(1), large, mail(3))

    assert await station.read() == ["accepted"] * 3
    assert dovecot.flags() == ["seen", "", "seen"]
    header, content = (await station.stored())[1]
    assert "larger than channels.mail.max_size" in header["transport"]["withheld"]
    assert b"Subject: Lamp 2" in content
    assert b"utf-16" not in content
    assert b"INBOX of the mailbox support" in content
    assert len(content) < 2000


async def test_a_mail_that_the_server_does_not_give_out_stops_nothing(
    station: Station, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(mail(1), mail(2), mail(3))
    fetch = ImapSession.fetch

    async def broken(session: ImapSession, uid: int, largest: int) -> bytes:
        if uid == 2:
            session.cut()
        return await fetch(session, uid, largest)

    monkeypatch.setattr(ImapSession, "fetch", broken)
    for _ in range(FAILURES):
        with pytest.raises(DeliveryDeferred):
            await station.read()

    assert await station.read() == ["accepted", "accepted"]
    withheld = [header["transport"].get("withheld") for header, _ in await station.stored()]
    assert withheld == [None, "the server does not give it out", None]


async def test_mails_can_be_moved_and_the_folder_is_made(engine: Engine, blobs: Blobs, dovecot: Dovecot) -> None:
    station = Station(engine, blobs, dovecot, after="move:Done & gone")
    dovecot.deliver(mail(1), mail(2))

    assert await station.read() == ["accepted", "accepted"]
    assert dovecot.flags() == []
    assert len(dovecot.flags('"Done &- gone"')) == 2


async def test_nothing_is_changed_in_a_mailbox_that_is_only_looked_at(
    engine: Engine, blobs: Blobs, dovecot: Dovecot
) -> None:
    station = Station(engine, blobs, dovecot, after="nothing")
    dovecot.deliver(mail(1))

    assert await station.read() == ["accepted"]
    assert dovecot.flags() == [""]
    assert await station.read() == []


async def test_what_others_have_marked_as_deleted_stays(station: Station, dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1), mail(2))
    with dovecot.client() as client:
        client.select()
        client.store("1", "+FLAGS", "\\Deleted")

    await station.read()

    assert dovecot.flags() == ["deleted", "seen"]


async def test_the_folder_of_spam_is_found_by_its_use_and_read_where_it_is_wanted(
    engine: Engine, blobs: Blobs, dovecot: Dovecot
) -> None:
    dovecot.make("Shop")
    dovecot.deliver(mail(1), folder="Rubbish")
    dovecot.deliver(mail(2), folder="Shop")
    without = Station(engine, blobs, dovecot)
    assert await without.read() == []

    station = Station(engine, blobs, dovecot, spam=True, folders=["INBOX", "Shop"])
    station.clock.advance(60_000)
    assert await station.read() == ["accepted", "accepted"]
    spam = {header["transport"]["folder"]: header["transport"]["spam_folder"] for header, _ in await station.stored()}
    assert spam == {"Rubbish": True, "Shop": False}


async def test_a_mail_that_is_copied_into_another_folder_is_taken_once(
    engine: Engine, blobs: Blobs, dovecot: Dovecot
) -> None:
    dovecot.make("Shop")
    dovecot.deliver(mail(1))
    dovecot.deliver(mail(1), folder="Shop")
    station = Station(engine, blobs, dovecot, folders=["INBOX", "Shop"])

    assert sorted(await station.read()) == ["accepted", "duplicate"]


BY_HAND = "I have sent you another one."


def by_hand(number: int, text: str = BY_HAND, **headers: str) -> bytes:
    """What Bob answers to a mail in his own mail program."""
    said = {"From": f"Bob <{USER}>", "To": "Ann <ann@a.example>", "Message-ID": f"<bob{number}@phone.example>"}
    return mail(number, text, **(said | {"In-Reply-To": f"<m{number}@a.ex>"} | headers))


async def test_the_folder_of_sent_mails_is_read_behind_the_others_and_left_as_it_is(
    engine: Engine, blobs: Blobs, dovecot: Dovecot
) -> None:
    dovecot.deliver(mail(1))
    ours = f"{HEADER}: 0123".encode() + b"\r\n" + by_hand(1, "from the desk", **{"Message-ID": "<a@example.test>"})
    dovecot.deliver(by_hand(1), ours, folder="Sent")
    station = Station(engine, blobs, dovecot, after="move:Done")

    assert await station.read() == ["accepted", "accepted"]
    assert await station.read() == []
    stored = [
        (header["transport"]["folder"], header["transport"].get("sent_folder")) for header, _ in await station.stored()
    ]
    assert stored == [("INBOX", None), ("Sent", True)], "a copy of what left from here is not stored"
    assert (dovecot.flags("Sent"), dovecot.flags("INBOX")) == (["", ""], [])
    dovecot.renumber(4711, "Sent")
    assert await station.read() == ["duplicate"]
    without = Station(engine, blobs, dovecot, sent=False)
    without.clock.advance(60_000)
    dovecot.deliver(by_hand(2), folder="Sent")
    assert await without.read() == []


async def test_an_answer_by_hand_joins_the_ticket_of_the_mail_that_it_answers_and_what_follows_it_too(
    post: "MailDesk", blobs: Blobs, dovecot: Dovecot
) -> None:
    desk = post.desk
    station = Station(desk.engine, desk.blobs, dovecot, address="support@example.test")
    dovecot.deliver(mail(1))
    dovecot.deliver(by_hand(1), by_hand(3, "elsewhere"), by_hand(1, "not by us", From="eve@b.example"), folder="Sent")
    await station.read()
    await desk.settle()

    (ticket,) = await desk.tickets()
    _, answered = await desk.reader.articles(ticket.id)
    assert (answered.kind, answered.author.name, answered.text.strip()) == ("reply", "Bob", BY_HAND)
    assert (answered.delivery is not None and answered.delivery.state, answered.to) == ("sent", "ann@a.example")
    assert ticket.first_response_at is not None
    assert await desk.intake_handler.suspended.list() == []

    dovecot.deliver(mail(5, "Thank you!", In_Reply_To="<bob1@phone.example>"))
    await station.read()
    await desk.settle()
    assert [each.number for each in await desk.tickets()] == ["T-1"]
    assert [each.kind for each in await desk.reader.articles(ticket.id)] == ["message", "reply", "message"]


async def test_our_answers_are_put_among_the_sent_mails_once(dovecot: Dovecot, station: Station) -> None:
    folder = SentFolder("support", station.settings, PasswordAccess(USER, lambda: station.password), pauses=())
    for number, content in ((7, mail(7)), (7, mail(7)), (8, mail(8))):
        folder.put(f"m{number}@a.ex", content)
    await folder.stop()
    assert dovecot.flags("Sent") == ["seen", "seen"]


async def test_an_answer_that_cannot_be_put_there_is_told_and_nothing_else(dovecot: Dovecot, station: Station) -> None:
    station.password = "wrong"
    folder = SentFolder("support", station.settings, PasswordAccess(USER, lambda: station.password), pauses=())
    with capture_logs() as lines:
        folder.put("a7@example.test", mail(7))
        await folder.stop()
    assert [line["action"] for line in lines] == ["mail_not_filed"]
    assert dovecot.flags("Sent") == []


@pytest.mark.parametrize(
    ("given", "files"),
    [
        ({"provider": "google"}, False),
        ({"provider": "google", "sends": False}, True),
        ({"provider": "other"}, True),
        ({"provider": "other", "file_sent": False}, False),
        ({"provider": "microsoft", "file_sent": True}, True),
    ],
)
def test_who_puts_answers_among_the_sent_mails_goes_by_the_provider(given: dict[str, Any], *, files: bool) -> None:
    settings = MailboxSettings.model_validate({"address": USER, "imap": "localhost:993", **given})
    assert settings.files_sent is files


async def test_starttls_works_too_and_a_certificate_of_nobody_known_is_refused(
    engine: Engine, blobs: Blobs, dovecot: Dovecot
) -> None:
    dovecot.deliver(mail(1))
    starttls = Station(engine, blobs, dovecot, imap=f"localhost:{dovecot.plain}", imap_tls="starttls")
    assert await starttls.read() == ["accepted"]

    for tls, port in (("implicit", dovecot.implicit), ("starttls", dovecot.plain)):
        strange = Station(engine, blobs, dovecot, imap=f"localhost:{port}", imap_tls=tls, authority=None)
        with pytest.raises(DeliveryDeferred, match="CERTIFICATE_VERIFY_FAILED"):
            await strange.read()


async def test_a_wrong_password_is_credentials_refused_and_is_not_told(station: Station) -> None:
    station.password = "not this one"

    with pytest.raises(CredentialsRefused, match=r"does not let support@example\.test in: .*failed") as told:
        await station.read()
    assert "not this one" not in told.value.detail


async def test_another_process_does_not_read_while_one_does_and_one_that_lost_it_moves_nothing(
    engine: Engine, blobs: Blobs, station: Station, dovecot: Dovecot
) -> None:
    other = Station(engine, blobs, dovecot)
    old = await station.hold()
    assert isinstance(await other.cursor.claim(), int)
    other.clock.advance(60_000)
    await other.hold()
    dovecot.deliver(mail(1))

    async with station.session() as session:
        with pytest.raises(Lost):
            await station.reading.read(session, old)
    assert await station.cursor.read_at() is None


async def test_the_reader_hears_of_a_mail_at_once_and_survives_the_server(station: Station, dovecot: Dovecot) -> None:
    await station.reader.start()
    dovecot.deliver(mail(1))
    await station.until(1)
    dovecot.deliver(mail(2))  # long before the poll, so the server has told
    await station.until(2)

    dovecot.kill()
    dovecot.start()
    dovecot.deliver(mail(3))
    await station.until(3)
    await station.reader.stop()
    assert station.outcomes.count("accepted") == 3


async def test_a_reader_that_is_killed_between_storing_and_marking_meets_the_mail_again(
    station: Station, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(mail(1))

    async def killed(*_: object) -> None:
        raise EngineUnavailable("killed")

    with monkeypatch.context() as patch:
        patch.setattr(ImapSession, "mark_seen", killed)
        with pytest.raises(EngineUnavailable):
            await station.read()

    assert await station.read() == ["duplicate"]
    assert dovecot.flags() == ["seen"]


async def read_until(station: Station, fits: Callable[[Sequence[Unread]], bool]) -> Sequence[Unread]:
    """What the board would tell, as soon as it is so."""
    async with asyncio.timeout(20):
        while True:
            if fits(found := await station.sources.list()):
                return found


async def test_a_source_that_is_away_is_told_only_after_a_while_and_forgotten_when_nobody_tries(
    engine: Engine,
) -> None:
    clock = ManualClock()
    sources = UnreadSources(engine, clock)
    await sources.failed("mail", "support", "no route", credentials=False)
    assert await sources.list() == []
    clock.advance(PATIENCE_MS)
    await sources.failed("mail", "support", "no route", credentials=False)
    [unread] = await sources.list()
    assert (unread.at - unread.since, unread.cause) == (PATIENCE_MS, "no route")
    clock.advance(FORGOTTEN_MS)
    assert await sources.list() == []
    await sources.failed("mail", "support", "no route", credentials=False)
    await sources.read("mail", "support")
    await sources.read("mail", "support")
    clock.advance(PATIENCE_MS)
    assert await sources.list() == []


async def test_refused_credentials_are_one_trouble_until_the_secret_is_another_one(
    station: Station, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trunkline.adapters.mail.imap.reader.LOOK_AGAIN", 0.01)
    tried = asyncio.Event()
    station.password = "old"
    open_session = ImapSession.open
    tries: list[str] = []

    async def counted(session: ImapSession, credential: Credential) -> None:
        tries.append(credential.secret)
        try:
            await open_session(session, credential)
        finally:
            tried.set()

    monkeypatch.setattr(ImapSession, "open", counted)
    dovecot.deliver(mail(1))
    await station.reader.start()
    await tried.wait()
    told = await read_until(station, bool)
    station.password = PASSWORD
    await read_until(station, lambda unread: not unread)
    await station.reader.stop()

    assert tries == ["old", PASSWORD]
    assert [(each.channel, each.account, each.credentials) for each in told] == [("mail", "support", True)]
    assert station.outcomes == ["accepted"]


async def test_a_mail_of_a_mailbox_becomes_a_ticket_and_one_that_was_withheld_waits_for_a_person(
    post: "MailDesk", blobs: Blobs, dovecot: Dovecot
) -> None:
    desk = post.desk
    station = Station(desk.engine, desk.blobs, dovecot, address="support@example.test")
    large = mail(2, ("y" * 70 + "\r\n") * 2000)
    dovecot.deliver(mail(1), large)
    await station.read()
    await desk.settle()

    [ticket] = await desk.tickets()
    assert ticket.subject == "Lamp 1"
    [waiting] = await desk.intake_handler.suspended.list()
    assert re.match("it is larger than channels.mail.max_size", waiting.cause)
    assert waiting.subject == "Lamp 2"
