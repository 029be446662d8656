"""A person is erased: no byte of what they said or were called is in any file, and everybody else has what they had."""

import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict, EngineUnavailable, Invalid, Misconfigured
from trunkline.normalizer.envelope import Addressee
from trunkline.normalizer.joining import COPIED
from trunkline.queue.backup import back_up, restore
from trunkline.queue.blob_collector import BlobCollector
from trunkline.queue.blobs import GRACE_MS
from trunkline.queue.connection import Engine
from trunkline.queue.conversation_log import ConversationLogs
from trunkline.queue.embedded import Supervisor
from trunkline.queue.file_rewrite import rewrite_files
from trunkline.queue.recognition import Recognition
from trunkline.queue.work import WorkQueue
from trunkline.queue.worker import Worker
from trunkline.router.alert import Alert
from trunkline.router.blocked_senders import BlockedSenders
from trunkline.router.cases import Cases
from trunkline.router.customer_writing import CustomerWriting
from trunkline.router.erasure.erasing import Erasing
from trunkline.router.erasure.erasure import Erasure
from trunkline.router.erasure.erasure_record import ErasureRecord
from trunkline.router.erasure.ledger import ErasureLedger
from trunkline.router.erasure.repetition import Repetition
from trunkline.router.erasure.waiting_messages import WaitingMessages
from trunkline.router.merging import Merging
from trunkline.router.passed_on import PassedOn
from trunkline.router.proof_requests import ProofStore
from trunkline.router.records import Article, Ticket, json_bytes
from trunkline.router.stored_format import convert_records
from trunkline.router.ticket_requests import Writing
from trunkline.router.waiting_alerts import WaitingAlerts

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

MARK = re.compile(rb"[Zz]q[a-z]{2,}qz|ZQ[A-Z]{2,}QZ")
"""What is planted wherever a person can leave something; no two places share a word."""

ADA, BOB, LATE = "zqaddressqz@ada.test", "bob@example.org", "zqlateqz@late.test"
COLLEAGUE = "ada@desk.example"
QUEUES = ("intake", "outbox", "held", "offers", "clocks", "alerts", "rules", "chat_codes", "proof_codes")
MINUTE = timedelta(minutes=1)
LONG = "zqlongqz " + "and so on " * 300


class Erasures:
    """Orders erasures on a desk and carries them out."""

    def __init__(self, desk: "Desk", ledger: Path | None = None) -> None:
        self.desk = desk
        self.orders = Erasure(desk.engine, desk.clock)
        queues = [WorkQueue(desk.engine, name) for name in QUEUES]
        waiting = WaitingMessages(desk.engine, desk.clock, desk.blobs, queues, desk.held)
        forget = [BlockedSenders(desk.engine, desk.clock).forget, desk.held.forget, ProofStore(desk.engine).forget]
        self.ledger = ErasureLedger(desk.engine, ledger or desk.blobs.files.root.parent / "erased")
        erasing = (desk.engine, desk.clock, desk.blobs, waiting, self.ledger, forget)
        alerts = WaitingAlerts(desk.engine).forget
        self.erasing = Erasing(*erasing, alerts=alerts, colleagues=lambda: {COLLEAGUE})
        self.worker = Worker(self.erasing.queue, desk.clock, self.erasing.handle)

    async def erase(self, customer: str) -> ErasureRecord:
        ordered = await self.orders.order(customer, confirm=customer, actor="token:admin", reason="she asked")
        await self.worker.drain()
        return await self.orders.erasure(ordered.id)

    async def again(self) -> int:
        """What the start of a process does; how many were erased again."""
        repetition = Repetition(self.desk.engine, self.ledger)
        due = await repetition.due()
        await repetition.run(due, self.orders, self.erasing, self.desk.intake_handler.senders)
        return len(due)

    async def break_off(self, monkeypatch: pytest.MonkeyPatch, *, at: int) -> None:
        """Begin what was ordered, lose the engine from a call on, and do it again."""
        run, count = self.desk.engine.run, 0

        async def breaking(*args: Any) -> Any:
            nonlocal count
            count += 1
            if count >= at:
                raise EngineUnavailable("broken off")
            return await run(*args)

        (entry,) = (await self.erasing.queue.claim(self.desk.clock.now(), lanes=1)).lanes[0]
        monkeypatch.setattr(self.desk.engine, "run", breaking)
        with suppress(EngineUnavailable):
            await self.erasing.handle(entry)
        monkeypatch.setattr(self.desk.engine, "run", run)
        await self.erasing.handle(entry)

    async def files(self) -> dict[str, bytes]:
        """Every file of the engine and of the blobs, after the engine has written down what it holds."""
        reply = await self.desk.engine.call("CONFIG", "GET", "dir")
        folders = [Path(reply[1].decode()), self.desk.blobs.files.root]
        paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in paths}

    async def marks(self) -> dict[str, set[str]]:
        """The planted words that are left, by file."""
        found = {name: set(MARK.findall(content)) for name, content in (await self.files()).items()}
        return {name: {word.decode() for word in words} for name, words in found.items() if words}


@pytest.fixture
async def erasures(desk: "Desk") -> AsyncIterator[Erasures]:
    await desk.engine.call("CONFIG", "SET", "rdbcompression", "no")  # so that words can be found in the files
    yield Erasures(desk)
    for key in await desk.engine.call("KEYS", desk.engine.keys("*")):  # the next test looks into the same files
        await desk.engine.call("DEL", key)
    await rewrite_files(desk.engine)


async def author(desk: "Desk") -> str:
    """The record of whoever wrote last."""
    lines = [line.data["article"] for line in await desk.lines() if line.kind == "message.received"]
    return str(lines[-1]["author"]["id"])


async def says(desk: "Desk", text: str, **facts: Any) -> str:
    desk.clock.advance(1)
    await desk.write(text, **facts)
    await desk.settle()
    return await author(desk)


async def plant(desk: "Desk") -> str:
    """A person who has left words everywhere; their record."""
    ada = await says(
        desk,
        "zqtextqz",
        sender=ADA,
        name="Zqnameqz",
        subject="zqsubjectqz",
        quoted="zqquotedqz",
        conversation="mail:zqmessageqz@ada.test",
        external_id="zqmessageqz@ada.test#1",
        order="5",
        ext={"message_id": "zqmessageqz@ada.test", "references": ["zqreferenceqz@ada.test"]},
        copied={"zqcopiedqz@friend.test": "Zqfriendqz"},
        fields={"order": "zqorderqz", "plan": "zqclaimqz"},
    )
    await says(desk, LONG, sender=ADA, subject="zqsecondqz")
    written = {"name": "Zqwrittenqz", "company": "Zqcompanyqz", "segment": "zqsegmentqz", "notes": "zqremarkqz"}
    written |= {"external_ids.crm": "zqcrmqz", "fields.plan": "zqplanqz"}
    await CustomerWriting(desk.engine, desk.clock).change(ada, written, actor="agent:ada")
    await desk.actions.note("T-1", Writing(text="zqnoteqz", actor="agent:ada", agent="ada"))
    await desk.actions.reply("T-1", Writing(text="zqreplyqz", actor="agent:ada", agent="ada"))
    await desk.settle()
    return ada


async def test_no_byte_of_a_person_is_left_in_any_file(desk: "Desk", erasures: Erasures) -> None:
    ada = await plant(desk)
    planted = set[str]().union(*(await erasures.marks()).values())
    assert {word.lower() for word in planted} >= {
        *("zqtextqz", "zqaddressqz", "zqnameqz", "zqsubjectqz", "zqquotedqz", "zqmessageqz", "zqreferenceqz"),
        *("zqcopiedqz", "zqfriendqz", "zqlongqz", "zqsecondqz", "zqnoteqz", "zqreplyqz"),
        *("zqwrittenqz", "zqcompanyqz", "zqsegmentqz", "zqremarkqz", "zqcrmqz", "zqplanqz", "zqorderqz", "zqclaimqz"),
    }
    done = await erasures.erase(ada)
    assert await erasures.marks() == {}
    assert (done.state, done.files_rewritten, done.by, done.reason) == ("done", True, "token:admin", "she asked")
    assert (done.erased.tickets, done.erased.identities, done.erased.records) == (2, 1, 1)
    assert ada not in done.model_dump_json()


async def test_what_is_counted_stays_and_readers_see_that_it_was_erased(desk: "Desk", erasures: Erasures) -> None:
    ada = await plant(desk)
    before, number = await desk.lines(), len(await desk.reader.articles((await desk.reader.ticket("T-1")).record.id))
    done = await erasures.erase(ada)
    ticket = (await desk.reader.ticket("T-1")).record
    articles = await desk.reader.articles(ticket.id)
    assert (ticket.status, ticket.resolution, ticket.subject, ticket.customer) == ("closed", "cancelled", "", ada)
    assert ticket.erased_at == desk.clock.now()
    assert len(articles) == number
    assert {(each.text, each.erased_at is not None) for each in articles} == {("", True)}
    assert [each.author.name for each in articles if each.kind == "note"] == ["Ada"]
    customer = await desk.reader.customer(ada)
    assert (customer.identities, customer.names, customer.erased_at is not None) == ((), (), True)
    after = await desk.lines()
    assert [(line.position, line.kind, line.subject, line.time) for line in before] == [
        (line.position, line.kind, line.subject, line.time) for line in after[: len(before)]
    ]
    assert {line.data["erased"] for line in after if line.kind.startswith(("ticket.", "message."))} - {True} == set()
    assert [line.kind for line in after[len(before) :]] == [*["ticket.closed", "ticket.erased"] * 2, "customer.erased"]
    assert (after[-1].subject, after[-1].data["erasure"]["erased"]["tickets"]) == (done.id, 2)
    assert [each.number for each in await desk.tickets()] == ["T-1", "T-2"]
    for line in after:
        if ticket := line.data.get("ticket"):
            Ticket.model_validate(ticket)


async def test_whoever_writes_from_the_address_afterwards_is_a_stranger_with_a_new_ticket(
    desk: "Desk", erasures: Erasures
) -> None:
    ada = await plant(desk)
    await erasures.orders.order(ada, confirm=ADA, actor="token:admin")
    early = await says(desk, "I write again", sender=ADA)
    await erasures.worker.drain()
    again = await says(desk, "and again", sender=ADA, conversation="mail:zqmessageqz@ada.test")
    assert ada not in {early, again}
    assert early == again
    assert [ticket.number for ticket in await desk.tickets(customer=early)] == ["T-3", "T-4"]
    texts = [each.text for number in ("T-3", "T-4") for each in await messages_of(desk, number)]
    assert texts == ["I write again", "and again"]


async def articles_of(desk: "Desk", number: str) -> list[Article]:
    return await desk.reader.articles((await desk.reader.ticket(number)).record.id)


async def messages_of(desk: "Desk", number: str) -> list[Article]:
    return [each for each in await articles_of(desk, number) if each.kind == "message"]


async def test_all_records_of_a_merged_person_go_and_those_kept_apart_lose_only_the_entry(
    desk: "Desk", erasures: Erasures
) -> None:
    ada = await plant(desk)
    work = await says(desk, "zqworkqz", sender="zqworkaddressqz@work.test")
    bob = await says(desk, "hello from Bob", sender=BOB)
    merging = Merging(desk.engine, desk.clock)
    await merging.merge(ada, work, actor="agent:ada", reason="zqreasonqz")
    await merging.keep_apart(bob, ada, actor="agent:ada", reason="zqapartqz")
    done = await erasures.erase(work)
    assert await erasures.marks() == {}
    assert done.erased.records == 2
    left = await desk.reader.customer(bob)
    assert (left.links, [each.value for each in left.identities]) == ((), [BOB])
    with pytest.raises(Conflict, match="erased"):
        await erasures.orders.preview(work)


async def test_in_a_ticket_of_somebody_else_only_what_they_said_goes(desk: "Desk", erasures: Erasures) -> None:
    bob = await says(
        desk,
        "my lamp is broken",
        sender=BOB,
        subject="A lamp",
        conversation="c",
        copied={ADA: "Zqfriendqz", "carl@example.org": "Carl"},
    )
    ada = await says(desk, "zqtextqz", sender=ADA, name="Zqnameqz", conversation="c", external_id="zqidqz#1")
    kept = [each for each in await messages_of(desk, "T-1") if each.author.id == bob]
    await erasures.erase(ada)
    assert await erasures.marks() == {}
    ticket, articles = await desk.reader.ticket("T-1"), await messages_of(desk, "T-1")
    assert (ticket.record.subject, ticket.record.status, ticket.record.erased_at) == ("A lamp", "new", None)
    assert ticket.work.participants == {f"email:{BOB}": 2, "email:carl@example.org": COPIED}
    assert [(each.text, each.erased_at is not None) for each in articles] == [("my lamp is broken", False), ("", True)]
    assert [each.name for each in articles[0].copied] == ["Carl"]
    assert articles[0].model_copy(update={"copied": kept[0].copied}) == kept[0]


async def test_the_marks_that_they_put_below_what_others_wrote_go_and_no_others(
    desk: "Desk", erasures: Erasures
) -> None:
    await says(desk, "my lamp is broken", sender=BOB, conversation="c", external_id="m")
    ada = await says(desk, "zqtextqz", sender=ADA, conversation="d")
    await says(desk, "hello", sender=BOB, conversation="d", external_id="n")
    for of, conversation in (("m", "c"), ("n", "d")):
        for sender, name in ((ADA, "Zqnameqz"), (BOB, "Bob")):
            change = {"message_kind": "reaction", "amends": of, "reaction": {"emoji": "👍"}, "name": name}
            await says(desk, "", sender=sender, conversation=conversation, **change)
    await erasures.erase(ada)
    assert await erasures.marks() == {}
    marks = [each.reactions for number in ("T-1", "T-2") for each in await messages_of(desk, number)]
    assert [[mark.identity for mark in each] for each in marks] == [[f"email:{BOB}"], [], [f"email:{BOB}"]]


async def test_no_text_of_an_edited_message_is_left(desk: "Desk", erasures: Erasures) -> None:
    ada = await says(desk, "zqfirstqz", sender=ADA, conversation="c", external_id="m")
    for order, text in (("1", "zqnextqz " + LONG), ("2", "zqlastqz " + LONG)):
        await says(desk, text, sender=ADA, conversation="c", message_kind="edit", amends="m", order=order)
    await says(desk, "", sender=ADA, conversation="zqroomqz", message_kind="delete", amends="zqneverqz")
    planted = set[str]().union(*(await erasures.marks()).values())
    assert planted >= {"zqfirstqz", "zqnextqz", "zqlastqz", "zqroomqz", "zqneverqz"}
    await erasures.erase(ada)
    desk.clock.advance(GRACE_MS)
    await BlobCollector(desk.blobs, desk.clock).run_once()
    assert await erasures.marks() == {}


async def test_what_a_colleague_is_to_be_told_of_a_ticket_of_somebody_else_says_nothing_of_them(
    desk: "Desk", erasures: Erasures
) -> None:
    await says(desk, "my lamp is broken", sender=BOB, subject="A lamp", conversation="c")
    ada = await says(desk, "zqtextqz", sender=ADA, name="Zqnameqz", conversation="c", external_id="zqidqz#1")
    ticket = (await desk.reader.ticket("T-1")).record
    words = {"id": "1", "address": COLLEAGUE, "subject": "[T-1] tell", "text": "Zqnameqz wrote: zqtextqz", "at": 1}
    alert = Alert(content={"ticket": {"id": ticket.id, "number": ticket.number}}, **words)
    await WorkQueue(desk.engine, "alerts").push(alert.lane, json_bytes(alert.model_dump(mode="json")))
    await erasures.erase(ada)
    assert await erasures.marks() == {}


HERS = {
    "address": ADA,
    "name": "Zqtoldqz",
    "subject": "zqtoldsubjectqz",
    "to": "Zqcommaqz, Zqfirstqz <zqaddressqz@ADA.test>, desk@x",
    "text": "zqpassedqz",
}


async def passes_on(desk: "Desk", sender: str, *originals: dict[str, Any], **facts: Any) -> str:
    """Somebody passes mails on; with their text, and what came with it, as the house keeps them."""
    agents = {name: each | {"email": f"{name}@desk.example"} for name, each in SETTINGS["agents"].items()}
    desk.configure(SETTINGS | {"agents": agents})
    text = f"From: Zqtoldqz <{ADA}>\n\nzqpassedqz"
    facts = {"channel": "mail", "subject": "Fwd: zqtoldsubjectqz"} | facts
    return await says(desk, facts.pop("text", text), sender=sender, originals=originals or (HERS,), **facts)


@pytest.mark.parametrize(
    ("state", "long"),
    [("offered", ""), ("taken", " and so on" * 1_000), ("given back", ""), ("by one who left", " and so on" * 1_000)],
)
async def test_a_message_of_theirs_that_a_colleague_passed_on_goes_with_its_ticket(
    desk: "Desk", erasures: Erasures, state: str, long: str
) -> None:
    ada = await says(desk, "zqtextqz", sender=ADA)
    text = f"FYI, From: Zqtoldqz <{ADA}>\n\nzqpassedqz{long}"
    await passes_on(desk, "boris@desk.example" if state == "by one who left" else COLLEAGUE, text=text)
    if state in ("taken", "given back"):
        await desk.actions.take_original("T-2", actor="agent:ada")
    if state == "given back":
        await desk.actions.take_original("T-2", actor="agent:ada", take=False)
    await desk.actions.note("T-2", Writing(text="zqnoteqz", actor="agent:ada", agent="ada"))
    done = await erasures.erase(ada)
    assert await erasures.marks() == {}
    ticket = (await desk.reader.ticket("T-2")).record
    assert (ticket.status, ticket.subject, ticket.original_writer) == ("closed", "", None)
    assert [(each.text, each.erased_at is not None) for each in await articles_of(desk, "T-2")] == [("", True)] * 2
    assert done.erased.tickets == 2


async def test_a_message_of_theirs_passed_on_into_a_ticket_of_somebody_else_goes_and_the_ticket_stays(
    desk: "Desk", erasures: Erasures
) -> None:
    ada = await says(desk, "zqtextqz", sender=ADA)
    bob = await says(desk, "my lamp", sender=BOB, subject="A lamp", conversation="c", copied={COLLEAGUE: ""})
    await passes_on(desk, COLLEAGUE, conversation="c")
    await erasures.erase(ada)
    assert await erasures.marks() == {}
    stored = await desk.reader.ticket("T-2")
    assert (stored.record.subject, stored.record.customer, stored.record.erased_at) == ("A lamp", bob, None)
    assert [each.text for each in await messages_of(desk, "T-2")] == ["my lamp", ""]
    assert stored.work.said_last.text == ""


TO_HER = {"to": 'Carl <carl@example.org>, "Zqcommaqz, Zqfirstqz" <ZqAddressqz@ada.test>, dora@example.org'}


async def test_what_another_customer_passes_on_stays_theirs_and_we_keep_nothing_of_them_beside_it(
    desk: "Desk", erasures: Erasures
) -> None:
    ada = await says(desk, "zqtextqz", sender=ADA)
    carl = {"address": "carl@example.org", "name": "Carl", "text": "seen by all"} | TO_HER
    await passes_on(desk, BOB, HERS, carl, {"address": "dora@example.org", "text": f"On Monday <{ADA}> wrote"})
    (before,) = await messages_of(desk, "T-2")
    await erasures.erase(ada)
    ticket, (after,) = (await desk.reader.ticket("T-2")).record, await messages_of(desk, "T-2")
    assert (ticket.subject, ticket.erased_at, after.text) == ("Fwd: zqtoldsubjectqz", None, before.text)
    assert [(each.name, each.address, each.to, each.text) for each in after.originals] == [
        ("Carl", "carl@example.org", "Carl <carl@example.org>, dora@example.org", "seen by all"),
        ("", "dora@example.org", "", ""),
    ]
    (told,) = [each for line in await desk.lines() if (each := line.data.get("article")) and each["id"] == after.id]
    assert told["originals"] == [each.model_dump(mode="json", exclude_defaults=True) for each in after.originals]
    assert not {"zqcommaqz", "zqfirstqz"} & {
        word.lower() for words in (await erasures.marks()).values() for word in words
    }


async def test_what_a_colleague_passes_on_of_somebody_else_stays_where_it_quotes_them(
    desk: "Desk", erasures: Erasures
) -> None:
    ada = await says(desk, "zqtextqz", sender=ADA)
    bobs = {"address": BOB, "name": "Bob", "text": "he wrote this"}
    await passes_on(desk, COLLEAGUE, bobs, HERS, text="what Bob wrote", subject="Fwd: a lamp")
    await erasures.erase(ada)
    assert await erasures.marks() == {}
    ticket, (article,) = (await desk.reader.ticket("T-2")).record, await messages_of(desk, "T-2")
    assert ticket.original_writer is not None
    assert (ticket.original_writer.address, ticket.status, article.text) == (BOB, "new", "what Bob wrote")
    assert [each.address for each in article.originals] == [BOB]


async def test_a_mail_with_files_of_several_people_goes_with_each_of_them(desk: "Desk", erasures: Erasures) -> None:
    ada = await says(desk, "zqtextqz", sender=ADA)
    files = ({"address": BOB, "text": "his", "attached": True}, HERS | {"attached": True})
    await passes_on(desk, COLLEAGUE, *files, text="zqfilesqz", subject="Fwd: two mails")
    await erasures.erase(ada)
    assert await erasures.marks() == {}
    assert (await desk.reader.ticket("T-2")).record.erased_at is None
    assert [each.text for each in await messages_of(desk, "T-2")] == [""]


@pytest.mark.parametrize("refused", range(2, 50, 8))
async def test_messages_passed_on_go_where_the_work_breaks_off_and_where_they_are_older_than_the_index(
    desk: "Desk", erasures: Erasures, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    ada = await says(desk, "zqtextqz", sender=ADA)
    await says(desk, "my lamp", sender=BOB, conversation="c", copied={COLLEAGUE: ""})
    await passes_on(desk, COLLEAGUE, conversation="c")
    await passes_on(desk, COLLEAGUE)
    await passes_on(desk, BOB, text="I know her", subject="Fwd: hers")
    await desk.engine.call("DEL", desk.engine.keys("passed_on"), desk.engine.keys("format"))
    await convert_records(desk.engine, desk.blobs)
    await erasures.orders.order(ada, confirm=ada, actor="token:admin")
    await erasures.break_off(monkeypatch, at=refused)
    assert await erasures.marks() == {}
    assert [key async for key in PassedOn(desk.engine).articles(ADA)] == []


async def test_they_are_blocked_no_more(desk: "Desk", erasures: Erasures) -> None:
    ada = await says(desk, "zqtextqz", sender=ADA)
    blocked = BlockedSenders(desk.engine, desk.clock)
    await blocked.block(ADA, actor="agent:ada", reason="zqblockqz")
    await blocked.block("@spam.test", actor="agent:ada")
    await erasures.erase(ada)
    assert await erasures.marks() == {}
    assert [each.sender for each in await blocked.all()] == ["@spam.test"]


async def test_answers_to_others_are_not_copied_to_them_any_more(desk: "Desk", erasures: Erasures) -> None:
    ada = await says(desk, "zqtextqz", sender=ADA, name="Zqnameqz")
    own = {"channel": "mail", "ext": {"message_id": "b@x"}}
    await says(desk, "my lamp", sender=BOB, copied={ADA: "Zqnameqz", "carl@example.org": ""}, **own)
    await erasures.erase(ada)
    assert await erasures.marks() == {}
    await desk.actions.reply("T-2", Writing(text="try another bulb", actor="agent:ada", agent="ada"))
    await desk.settle()
    assert (desk.sent[-1].to, [each.address for each in desk.sent[-1].copied]) == (BOB, ["carl@example.org"])


@pytest.mark.parametrize("held", [True, False])
async def test_a_reply_to_somebody_else_that_waits_leaves_without_them(
    desk: "Desk", erasures: Erasures, held: bool
) -> None:
    ada = await says(desk, "zqtextqz", sender=ADA)
    await says(desk, "my lamp", sender=BOB, channel="mail", ext={"message_id": "b@x"})
    to = (Addressee(address=ADA, name="Zqnameqz"), Addressee(address="carl@example.org"))
    reply = Writing(text="try another bulb", actor="agent:ada", agent="ada", copied=to, key="k")
    if held:
        await desk.held.hold("T-2", reply, undo=MINUTE)
    else:
        await desk.actions.reply("T-2", reply)
    await erasures.erase(ada)
    assert await erasures.marks() == {}
    desk.clock.advance(2 * 60_000)
    await desk.settle()
    sent = desk.sent[-1]
    assert (sent.to, sent.text) == (BOB, "try another bulb")
    assert [each.address for each in sent.copied] == ["carl@example.org"]


async def test_what_another_customer_wrote_into_their_ticket_stays_and_the_ticket_stays_open(
    desk: "Desk", erasures: Erasures
) -> None:
    ada = await says(desk, "zqtextqz", sender=ADA, subject="zqsubjectqz", conversation="c")
    await says(desk, "I wait for it, too", sender=BOB, conversation="c")
    await erasures.erase(ada)
    assert await erasures.marks() == {}
    ticket = (await desk.reader.ticket("T-1")).record
    assert (ticket.status, ticket.subject) == ("new", "")
    assert [each.text for each in await messages_of(desk, "T-1")] == ["", "I wait for it, too"]


async def test_messages_that_wait_or_were_given_up_go_too(desk: "Desk", erasures: Erasures) -> None:
    ada = await plant(desk)
    await desk.write("zqsuspendedqz", sender=ADA, suspend="it looks forged")
    await desk.write("suspended of Bob", sender=BOB, suspend="it looks forged")
    await desk.settle()
    await desk.write("zqunreadableqz " + "x" * 70_000, sender=ADA, channel="gone")
    large = f"From: {ADA}\n\nzqblobqz ".encode() + b"x" * 70_000
    gone: dict[str, Any] = {"channel": "gone", "account": "desk", "kind": "message", "lane": "l", "transport": {}}
    await desk.intake.accept(external_id="large", content=large, **gone)
    await desk.write("dead of Bob", sender=BOB, channel="gone")
    await desk.settle()
    await desk.held.hold("T-1", Writing(text="zqheldqz", actor="agent:ada", agent="ada", key="k"), undo=MINUTE)
    assert await desk.intake.queue.dead_count() == 3
    done = await erasures.erase(ada)
    assert await erasures.marks() == {}
    assert done.erased.messages == 3
    assert [letter.payload for letter in await desk.intake.queue.dead()] == [bob_letter(await desk.intake.queue.dead())]
    assert [each.sender for each in await desk.intake_handler.suspended.list()] == [BOB]


def bob_letter(letters: Any) -> bytes:
    (only,) = letters
    assert b"dead of Bob" in only.payload
    return bytes(only.payload)


async def test_nothing_is_written_into_the_record_of_an_erased_person_nor_is_it_joined(
    desk: "Desk", erasures: Erasures
) -> None:
    """A page that was open meanwhile still offers both."""
    ada, bob = await says(desk, "hello", sender=ADA), await says(desk, "hello", sender=BOB)
    await erasures.erase(ada)
    with pytest.raises(Conflict, match="is erased"):
        await CustomerWriting(desk.engine, desk.clock).change(ada, {"notes": "zqnotesqz"}, actor="agent:ada")
    merging = Merging(desk.engine, desk.clock)
    for decide in (merging.merge, merging.keep_apart):
        with pytest.raises(Conflict, match="is erased"):
            await decide(bob, ada, actor="agent:ada")
    assert (await desk.reader.customer(bob)).erased_at is None


async def test_a_ticket_that_was_spam_and_is_erased_opens_no_more(desk: "Desk", erasures: Erasures) -> None:
    ada = await says(desk, "buy now", sender=ADA)
    await desk.actions.spam.mark("T-1", block="nobody", actor="agent:ada")
    await erasures.erase(ada)
    with pytest.raises(Conflict):
        await desk.actions.spam.unmark("T-1", actor="agent:ada")
    assert (await desk.reader.ticket("T-1")).record.status == "closed"


async def test_an_address_with_a_comma_is_found_among_what_was_set_aside(desk: "Desk", erasures: Erasures) -> None:
    odd = '"zq, oddqz"@ada.test'
    ada = await says(desk, "hello", sender=odd)
    await desk.write("zqsuspendedqz", sender=odd, suspend="it looks forged")
    await desk.settle()
    await erasures.erase(ada)
    assert await desk.intake_handler.suspended.list() == []


async def test_a_message_that_was_given_up_because_its_bytes_are_lost_stops_no_erasure(
    desk: "Desk", erasures: Erasures
) -> None:
    ada = await says(desk, "hello", sender=ADA)
    await desk.write("x" * 70_000, sender=BOB)
    for path in desk.blobs.files.root.rglob("*"):
        if path.is_file() and path.stat().st_size == 70_000:
            path.unlink()
    await desk.settle()
    assert await desk.intake.queue.dead_count() == 1
    assert (await erasures.erase(ada)).state == "done"


async def test_a_chat_keeps_the_places_of_its_lines_and_nothing_else(desk: "Desk", erasures: Erasures) -> None:
    logs, name = ConversationLogs(desk.engine, desk.clock), "chat:web:zqvisitorqz"
    await logs.append(name, {"id": "1", "from": "visitor", "text": "zqlineqz", "name": "Zqnickqz", "at": 5}, key="1")
    await logs.append(name, {"id": "a", "from": "agent", "text": "zqansweredqz", "at": 6, "ticket": "t"}, key="2")
    await logs.set_fact(name, "email:claimed", "zqclaimedqz@ada.test")
    await logs.add_note(name, "uploads", {"name": "zqfileqz.pdf", "sha256": await desk.blobs.put(b"zqcontentqz")})
    await logs.mark(name, "read", 2)
    await logs.seen_here([name])
    ada = await says(desk, "zqlineqz", sender="zqvisitorqz", kind="chat:web", channel="test")
    await erasures.erase(ada)
    assert {word for words in (await erasures.marks()).values() for word in words} <= {"zqvisitorqz"}
    lines = await logs.read(name, after=0)
    assert [(line.position, line.data["text"], line.data["from"]) for line in lines] == [
        (1, "", "visitor"),
        (2, "", "agent"),
    ]
    assert (await logs.marks(name), await logs.facts(name), await logs.here(name)) == ({"read": 2}, {}, (False, None))


async def test_contents_of_others_that_share_a_file_with_theirs_move_to_another(
    desk: "Desk", erasures: Erasures
) -> None:
    ada = await says(desk, "hello", sender=ADA)
    bob = await says(desk, "hello", sender=BOB)
    for sender in (ADA, BOB, ADA, BOB):
        await desk.write(f"{'zqpackedqz' if sender == ADA else 'Bob'} " + "x" * 9_000, sender=sender)
    await desk.settle()
    numbers = [ticket.number for ticket in await desk.tickets(customer=bob)]
    before = {number: await messages_of(desk, number) for number in numbers}
    originals = [await desk.reader.original(each.id) for articles in before.values() for each in articles]
    await erasures.erase(ada)
    assert await erasures.marks() == {}
    assert before == {number: await messages_of(desk, number) for number in before}
    assert originals == [await desk.reader.original(each.id) for articles in before.values() for each in articles]


@pytest.mark.parametrize("refused", range(2, 60, 8))
async def test_one_that_breaks_off_at_any_step_is_finished_by_the_next(
    desk: "Desk", erasures: Erasures, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    ada = await plant(desk)
    await says(desk, "hello from Bob", sender=BOB, copied={ADA: "Zqfriendqz"})
    await desk.write("zqsuspendedqz " + "x" * 70_000, sender=ADA, suspend="it looks forged")
    await desk.write("zqunreadableqz " + "x" * 70_000, sender=ADA, channel="gone")
    await desk.settle()
    ordered = await erasures.orders.order(ada, confirm=ada, actor="token:admin")
    await erasures.break_off(monkeypatch, at=refused)
    assert await erasures.marks() == {}
    done = await erasures.orders.erasure(ordered.id)
    assert (done.state, done.erased.tickets) == ("done", 2)
    assert [line.kind for line in await desk.lines()].count("customer.erased") == 1


async def test_it_must_be_said_who_is_meant(desk: "Desk", erasures: Erasures) -> None:
    ada = await plant(desk)
    preview = await erasures.orders.preview(ada)
    assert (preview.erased.tickets, preview.open_tickets, preview.confirm) == (
        2,
        2,
        (ada, "Zqwrittenqz", "Zqnameqz", ADA),
    )
    with pytest.raises(Invalid, match="who is meant"):
        await erasures.orders.order(ada, confirm="Bob", actor="token:admin")
    assert (await desk.reader.customer(ada)).names == ("Zqnameqz",)


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_that_others_have_is_touched(desk: "Desk", erasures: Erasures, seed: int) -> None:
    chance, people = random.Random(seed), [ADA, BOB, "carl@example.org"]
    records = {}
    for number in range(14):
        sender = chance.choice(people)
        words = f"zqword{'abcdefghijklmn'[number]}qz" if sender == ADA else f"word {number}"
        text = words + chance.choice(["", " and so on" * 200, " and so on" * 1_000])
        joins = chance.choice(["", "c1", "c2"])
        records[sender] = await says(desk, text, sender=sender, subject=words, conversation=joins)
        if chance.random() < 0.3:
            await desk.actions.reply("T-1", Writing(text="an answer", actor="agent:ada", agent="ada"))
    ada = records.pop(ADA, "")
    before = await held_by(desk, ada)
    await erasures.erase(ada)
    assert await erasures.marks() == {}
    assert await held_by(desk, ada) == before
    for sender, record in records.items():
        assert await says(desk, "still here", sender=sender) == record


async def held_by(desk: "Desk", other: str) -> dict[str, Any]:
    """All that there is of everybody but one: records, tickets, and the articles that other customers wrote or got."""
    tickets = [ticket for ticket in await desk.tickets() if ticket.customer != other]
    articles = [article for ticket in await desk.tickets() for article in await desk.reader.articles(ticket.id)]
    kept = [each for each in articles if each.author.kind == "customer" and each.author.id not in {"", other}]
    ours = [each for each in articles if each.kind == "reply" and each.ticket in {ticket.id for ticket in tickets}]
    lines = [line for line in await desk.lines() if other not in str(line.data) and line.kind != "customer.erased"]
    return {
        "people": [await desk.reader.customer(id_) for id_ in sorted({each.author.id for each in kept})],
        "tickets": tickets,
        "articles": kept + [each for each in ours if ADA not in each.to],
        "originals": [await desk.reader.original(each.id) for each in kept],
        "lines": lines,
    }


@pytest.mark.parametrize(("merged", "into"), [("T-1", "T-2"), ("T-2", "T-1")])
async def test_of_a_case_of_two_customers_one_loses_nothing_with_the_other(
    desk: "Desk", erasures: Erasures, merged: str, into: str
) -> None:
    ada = await says(desk, "zqtextqz", sender=ADA, subject="zqsubjectqz", conversation="hers")
    bob = await says(desk, "mine is broken, too", sender=BOB, subject="A lamp", conversation="his")
    await Cases(desk.engine, desk.clock).merge(merged, into, actor="agent:ada", reason="it is one case")
    await says(desk, "zqmoreqz", sender=ADA, conversation="hers")
    await says(desk, "mine as well", sender=BOB, conversation="his")
    for number, text in (("T-1", "zqansweredqz"), ("T-2", "an answer to Bob")):
        await desk.actions.reply(number, Writing(text=text, actor="agent:ada", agent="ada"))
    written = {"name": "Zqwrittenqz", "company": "Zqcompanyqz", "segment": "zqsegmentqz", "notes": "zqremarkqz"}
    written |= {"external_ids.crm": "zqcrmqz", "fields.plan": "zqplanqz"}
    await CustomerWriting(desk.engine, desk.clock).change(ada, written, actor="agent:ada")
    await desk.actions.note("T-1", Writing(text="zqnoteqz", actor="agent:ada", agent="ada"))
    await desk.settle()
    his = await articles_of(desk, "T-2")
    await erasures.erase(ada)
    assert await erasures.marks() == {}
    assert [each for each in await articles_of(desk, "T-2") if each.erased_at is None] == [
        each for each in his if not MARK.search(each.text.encode())
    ]
    standing = (await desk.reader.ticket(into)).record
    assert standing.status in ("new", "open", "pending")
    told = [line.data["article"] for line in await desk.lines() if line.kind == "message.received"]
    assert [each["text"] for each in told if each["author"].get("id") == bob] == ["mine is broken, too", "mine as well"]
    assert [each["text"] for each in told if each["author"].get("id") != bob] == ["", ""]


@asynccontextmanager
async def restored(desk: "Desk", backup: Path, data: Path) -> AsyncIterator[Erasures]:
    """A desk on an engine of its own that begins with this backup; the ledger is that of the first desk."""
    restore(backup, data)
    supervisor = Supervisor(data)
    await supervisor.start()
    engine = Engine(supervisor.url, desk.engine.keys)
    back = type(desk)(engine, data / "blobs", SETTINGS)
    back.clock.advance(desk.clock.now() - back.clock.now())
    await engine.call("CONFIG", "SET", "rdbcompression", "no")
    await back.blobs.start()
    try:
        yield Erasures(back, desk.blobs.files.root.parent / "erased")
    finally:
        await back.blobs.stop()
        await engine.close()
        await supervisor.stop()


@pytest.fixture
async def backed_up(desk: "Desk", erasures: Erasures, tmp_path: Path) -> Path:
    """A backup of a desk with two people who were erased after it, of whom one had no record then.

    Some of it is unread, and some breaks its reader: all of it in a blob, and for no reason that the reader knows.
    """
    await Recognition(desk.engine, desk.blobs.files).start()
    await erasures.ledger.start()
    ada = await plant(desk)
    await says(desk, "my lamp", sender=BOB, copied={LATE: "Zqlatenameqz", "carl@example.org": ""})
    await desk.write("zqsetasideqz", sender=LATE, suspend="it looks forged")
    await desk.settle()
    await desk.write("zqunreadqz", sender=ADA)
    await desk.write("zqlateunreadqz", sender=LATE)
    await desk.write("unread of Bob", sender=BOB)
    broken = f"zqbrokenqz of {LATE}, ".encode() + b"x" * 100_000
    await desk.intake.accept(
        channel="test", account="desk", external_id="broken", kind="message", lane="b", content=broken, transport={}
    )
    desk.clock.advance(1)
    await back_up(desk.engine, desk.blobs.files, tmp_path / "backup")
    await desk.settle()
    late = await says(desk, "zqafterwardsqz", sender=LATE)
    await erasures.erase(ada)
    await erasures.erase(late)
    return tmp_path / "backup"


async def test_whom_a_backup_brings_back_is_erased_again_at_the_start(
    desk: "Desk", backed_up: Path, short_folder: Path
) -> None:
    async with restored(desk, backed_up, short_folder / "data") as back:
        assert {"zqtextqz", "zqunreadqz", "zqsetasideqz"} <= set[str]().union(*(await back.marks()).values())
        assert await back.again() == 2
        assert await back.marks() == {}
        await back.desk.settle()
        texts = [[each.text for each in await messages_of(back.desk, f"T-{number}")] for number in (1, 2, 3, 4)]
        assert texts[2:] == [["my lamp"], ["unread of Bob"]]
        assert not any(text for each in texts[:2] for text in each)
        told = [line.data["erasure"] for line in await back.desk.lines() if line.kind == "customer.erased"]
        assert [each["reason"] for each in told] == ["she asked", "she asked"]
        assert [(await back.orders.erasure(each["id"])).again for each in told] == [True, True]
        assert await back.again() == 0


async def test_erasing_again_that_breaks_off_goes_on_at_the_next_start(
    desk: "Desk", backed_up: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with restored(desk, backed_up, short_folder / "data") as back:
        run, left = back.desk.engine.run, 0

        async def breaking(*args: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise EngineUnavailable("broken off")
            return await run(*args)

        monkeypatch.setattr(back.desk.engine, "run", breaking)
        begun = list[int]()
        for steps in range(0, 60, 3):
            left = steps
            with suppress(EngineUnavailable):
                begun.append(await back.again())
        assert 0 < begun.count(0) == len(begun) - 1 < 18  # most starts broke off, one finished, and nothing was left
        assert await back.marks() == {}


async def test_whose_mail_was_passed_on_before_they_had_a_record_is_erased_again(
    desk: "Desk", erasures: Erasures, tmp_path: Path, short_folder: Path
) -> None:
    await Recognition(desk.engine, desk.blobs.files).start()
    await passes_on(desk, COLLEAGUE)
    await passes_on(desk, BOB, HERS, text="I know her", subject="Fwd: hers")
    await erasures.ledger.start()
    await back_up(desk.engine, desk.blobs.files, tmp_path / "backup")
    await erasures.erase(await says(desk, "zqtextqz", sender=ADA))
    async with restored(desk, tmp_path / "backup", short_folder / "data") as back:
        assert "zqpassedqz" in set[str]().union(*(await back.marks()).values())
        assert await back.again() == 1
        assert await back.marks() == {}
        assert [[each.text for each in await messages_of(back.desk, f"T-{number}")] for number in (1, 2)] == [
            [""],
            ["I know her"],
        ]


async def test_people_who_were_parted_since_the_backup_lose_only_each_other(
    desk: "Desk", erasures: Erasures, tmp_path: Path, short_folder: Path
) -> None:
    await Recognition(desk.engine, desk.blobs.files).start()
    ada, bob = await says(desk, "zqtextqz", sender=ADA), await says(desk, "hello", sender=BOB)
    carl = await says(desk, "hello from Carl", sender="carl@example.org")
    merging = Merging(desk.engine, desk.clock)
    await merging.merge(ada, bob, actor="agent:ada", reason="one person")
    await merging.merge(ada, carl, actor="agent:ada", reason="one person")
    await erasures.ledger.start()
    await back_up(desk.engine, desk.blobs.files, tmp_path / "backup")
    await merging.part(ada, bob, actor="agent:ada", reason="they are two")
    await merging.part(ada, carl, actor="agent:ada", reason="they are two")
    await erasures.erase(ada)
    async with restored(desk, tmp_path / "backup", short_folder / "data") as back:
        await back.again()
        assert await back.marks() == {}
        people = [await back.desk.reader.customer(id_) for id_ in (bob, carl)]
        assert [(each.records, each.links, each.erased_at) for each in people] == [((), (), None)] * 2
        assert [each.text for each in await messages_of(back.desk, "T-2")] == ["hello"]


async def test_the_ledger_names_nobody_and_says_which_file_is_damaged(desk: "Desk", erasures: Erasures) -> None:
    await erasures.erase(await plant(desk))
    (file,) = (desk.blobs.files.root.parent / "erased").iterdir()
    assert MARK.findall(file.read_bytes()) == []
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(Misconfigured, match=re.escape(str(file))):
        await erasures.again()


@pytest.mark.parametrize("who", ["who was asked", "whose address it is"])
async def test_what_somebody_was_asked_to_prove_goes_with_either_of_both(
    desk: "Desk", erasures: Erasures, who: str
) -> None:
    """The order of the mail waits, and a wrong code was written."""
    hers, theirs = "zqaskedqz@prover.test", "zqprovenqz@proven.test"
    asked = await says(desk, "zqaskingqz", sender=hers, conversation="lamp")
    other = await says(desk, "zqprovingqz", sender=theirs)
    (ticket,) = await desk.tickets(customer=asked)
    await desk.actions.proofs.ask(ticket.id, theirs, actor="agent:ada")
    await says(desk, "00000000", sender=hers, conversation="lamp")
    gone, stays = ({hers, "zqaskingqz"}, {theirs, "zqprovingqz"})[:: 1 if who == "who was asked" else -1]
    await erasures.erase(asked if who == "who was asked" else other)
    assert await ProofStore(desk.engine).of(ticket.id, desk.clock.now()) is None
    assert await WorkQueue(desk.engine, "proof_codes").ready() == 0
    left = set().union(*(await erasures.marks()).values())
    assert not left & {word for text in gone for word in re.findall("zq[a-z]+qz", text)}
    assert left >= {word for text in stays for word in re.findall("zq[a-z]+qz", text)}
