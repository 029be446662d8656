"""Answers that were written elsewhere join the ticket of their conversation, once; those that we sent are known."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trunkline.config.errors import DeliveryDeferred, DeliveryUnknown
from trunkline.normalizer.channel_facts import ChannelFacts, Channels
from trunkline.normalizer.envelope import Attachment, Delivery, Envelope, Sender
from trunkline.normalizer.later_files import later_file
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.normalizer.sending_limits import Sends, TextLimit
from trunkline.router.delivery import LOOK_UP_MS
from trunkline.router.intake_handler import SOON_MS
from trunkline.router.records import Article
from trunkline.router.ticket_requests import Writing

if TYPE_CHECKING:
    from .conftest import Desk


def echo(text: str = "It left our house.", id_: str = "echo-1", **more: Any) -> Envelope:
    given: dict[str, Any] = {
        "id": "e",
        "channel": "test",
        "account": "desk",
        "kind": "message",
        "direction": "out",
        "external_id": id_,
        "order": "1",
        "conversation": ("chat-1",),
        "sender": Sender(identities=()),
        "received_at": 0,
        "text": text,
        "raw_id": "r",
    }
    return Envelope(**(given | more))


async def opened(desk: "Desk") -> str:
    await desk.write("my lamp is broken", conversation="chat-1")
    await desk.settle()
    (ticket,) = await desk.tickets()
    return ticket.id


async def join(desk: "Desk", envelope: Envelope, *, told: int | None = None) -> str:
    """Told of now, and written now unless it was at another time."""
    at = desk.clock.now()
    given = {"received_at": at, "sent_at": at if told is None else told}
    return await desk.intake_handler._echoes.join(envelope.model_copy(update=given))


async def answer(desk: "Desk", ticket: str, text: str, **more: Any) -> str:
    return await desk.actions.reply(ticket, Writing(text=text, agent="ada", actor="ada", **more))


async def broken_off(desk: "Desk", ticket: str, text: str, **more: Any) -> str:
    """An answer whose fate nobody knows."""

    async def breaks_off(_: Outgoing) -> Sent:
        raise DeliveryUnknown("no answer")

    desk.delivery._senders = {"test": breaks_off}
    article = await answer(desk, ticket, text, **more)
    await desk.settle()
    assert await state(desk, article) == "unknown"
    return article


async def state(desk: "Desk", article: str) -> str:
    delivery = (await desk.reader.article(article)).delivery
    assert delivery is not None
    return delivery.state


async def texts(desk: "Desk", ticket: str) -> list[str]:
    return [each.text for each in await replies(desk, ticket)][1:]


def limited(desk: "Desk", most: int, **more: Any) -> None:
    """Messages of the channel are as long at most."""
    sends = Sends(text=TextLimit(most=most, parts=20), **more)
    channels = Channels(test=ChannelFacts(words="Test", sends=lambda _: sends))
    desk.policy = replace(desk.policy, channels=channels)
    desk.delivery._channels = channels


async def replies(desk: "Desk", ticket: str) -> list[Article]:
    return [each for each in await desk.reader.articles(ticket) if each.kind == "reply"]


async def owes(desk: "Desk", ticket: str) -> bool:
    return (await desk.reader.ticket(ticket)).record.first_response_at is None


async def test_an_answer_elsewhere_is_an_answer_of_the_ticket_once_and_is_not_sent(desk: "Desk") -> None:
    ticket, sent = await opened(desk), len(desk.sent)
    for _ in range(3):
        assert await join(desk, echo())
    await desk.settle()
    answer = (await replies(desk, ticket))[-1]
    assert (answer.text, answer.author.kind, answer.author.name) == (
        "It left our house.",
        "system",
        "outside of the desk",
    )
    assert answer.delivery is not None
    assert answer.delivery.state == "sent"
    assert [each.text for each in await replies(desk, ticket)].count("It left our house.") == 1
    assert len(desk.sent) == sent


async def test_what_was_owed_is_answered_by_a_person_elsewhere_and_not_by_a_machine(desk: "Desk") -> None:
    ticket = await opened(desk)
    await join(desk, echo("Hello, I am a bot.", automation="auto_reply"))
    assert await owes(desk, ticket)
    await join(desk, echo(id_="echo-2"))
    assert not await owes(desk, ticket)


async def test_where_nobody_wrote_there_is_nothing_to_join(desk: "Desk") -> None:
    assert await join(desk, echo()) == "alone"
    assert await desk.tickets() == []


async def test_a_receipt_finds_an_answer_that_was_written_elsewhere(desk: "Desk") -> None:
    ticket = await opened(desk)
    await join(desk, echo())
    receipt = echo(kind="delivery", direction="in", delivery=Delivery(state="read", reference="echo-1"))
    assert await desk.intake_handler._receipts.apply(receipt)
    delivery = (await replies(desk, ticket))[-1].delivery
    assert delivery is not None
    assert delivery.state == "read"


async def test_a_file_that_came_along_is_fetched(desk: "Desk") -> None:
    ticket = await opened(desk)
    await join(desk, echo(attachments=(later_file("file-1", kind="photo"),)))
    (file,) = (await replies(desk, ticket))[-1].attachments
    assert (file.name, file.state) == ("photo", "fetching")
    assert await desk.filer._keys.media.ready() == 1


async def test_what_we_sent_ourselves_is_known_by_every_id_of_it(desk: "Desk") -> None:
    ticket = await opened(desk)

    async def in_parts(_: Outgoing) -> Sent:
        return Sent(reference="part-1", also=("part-2", "part-3"))

    desk.delivery._senders = {"test": in_parts}
    article = await answer(desk, ticket, "a long one")
    await desk.settle()
    ours = (await desk.reader.article(article)).external_id
    for id_ in (ours, "part-1", "part-2", "part-3"):
        assert await join(desk, echo("whatever it says", id_=id_)) == "joined"
    assert await texts(desk, ticket) == ["a long one"]


async def test_the_parts_that_have_arrived_are_known_while_the_others_wait(desk: "Desk") -> None:
    ticket = await opened(desk)

    async def stops(_: Outgoing) -> Sent:
        raise DeliveryDeferred("too many", arrived=("part-1",))

    desk.delivery._senders = {"test": stops}
    await answer(desk, ticket, "a long one")
    await desk.settle()
    assert await join(desk, echo("a long", id_="part-1")) == "joined"
    assert await texts(desk, ticket) == ["a long one"]


async def test_what_a_colleague_says_is_not_taken_for_a_part_of_what_we_say(desk: "Desk") -> None:
    ticket = await opened(desk)
    article = await broken_off(desk, ticket, "Yes, tomorrow")
    await join(desk, echo("Yes", id_="the-vendors-id"))
    assert await texts(desk, ticket) == ["Yes, tomorrow", "Yes"]
    assert await state(desk, article) == "unknown"


async def test_a_file_without_words_proves_nothing(desk: "Desk") -> None:
    ticket = await opened(desk)
    file = Attachment(name="a.png", media_type="image/png", sha256=await desk.blobs.put(b"png"), size=3)
    article = await broken_off(desk, ticket, "look", attachments=(file,))
    await join(desk, echo("", attachments=(later_file("file-1", kind="photo"),)))
    assert await state(desk, article) == "unknown"
    assert len(await texts(desk, ticket)) == 2
    await join(desk, echo("look", id_="echo-2", attachments=(later_file("file-2", kind="photo"),)))
    assert await state(desk, article) == "sent"


async def test_what_still_waits_to_be_sent_is_not_what_a_colleague_wrote(desk: "Desk") -> None:
    ticket = await opened(desk)

    async def puts_off(_: Outgoing) -> Sent:
        raise DeliveryDeferred("not now")

    desk.delivery._senders = {"test": puts_off}
    await answer(desk, ticket, "Yes")
    await desk.settle()
    await join(desk, echo("Yes"))
    assert await texts(desk, ticket) == ["Yes", "Yes"]


async def test_an_answer_whose_fate_is_unknown_was_sent_when_the_channel_shows_it(desk: "Desk") -> None:
    ticket = await opened(desk)
    article = await broken_off(desk, ticket, "it   left\n\nour house")
    assert await join(desk, echo("it left our house", id_="the-vendors-id")) == "joined"
    delivery = (await desk.reader.article(article)).delivery
    assert delivery is not None
    assert (delivery.state, delivery.detail) == ("sent", "the channel shows it")
    receipt = echo(kind="delivery", direction="in", delivery=Delivery(state="read", reference="the-vendors-id"))
    assert await desk.intake_handler._receipts.apply(receipt)
    assert await state(desk, article) == "read"


async def test_an_answer_in_parts_was_sent_when_all_of_them_are_shown(desk: "Desk") -> None:
    ticket = await opened(desk)
    limited(desk, 16, dialect="whatsapp_marks")
    article = await broken_off(desk, ticket, "**Hello Maria.**\n\nIt left today.\n\nHello Maria.", formatted=True)
    await join(desk, echo("Hello Maria.", id_="1"))
    assert await join(desk, echo("It left today.", id_="2")) == "joined"
    await join(desk, echo("It left today.", id_="2"))
    assert await state(desk, article) == "unknown"
    await join(desk, echo("Hello Maria.", id_="3"))
    assert await state(desk, article) == "sent"
    await join(desk, echo("Hello Maria.", id_="4"))
    assert (await texts(desk, ticket))[1:] == ["Hello Maria."], "a colleague says it once more"


async def test_what_is_shown_while_it_is_sent_is_looked_at_again_by_its_id(desk: "Desk") -> None:
    ticket = await opened(desk)
    early = list[str]()

    async def shown_before(_: Outgoing) -> Sent:
        early.append(await join(desk, echo("it left", id_="ours")))
        early.append(await join(desk, echo("it left", id_="a-colleagues")))
        return Sent(reference="ours")

    desk.delivery._senders = {"test": shown_before}
    await answer(desk, ticket, "it left")
    await desk.settle()
    assert early == ["waits", "waits"]
    assert await join(desk, echo("it left", id_="ours")) == "joined"
    assert await texts(desk, ticket) == ["it left"]
    await join(desk, echo("it left", id_="a-colleagues"))
    assert await texts(desk, ticket) == ["it left", "it left"]


async def test_what_is_shown_while_it_is_sent_proves_it_when_the_answer_is_lost(desk: "Desk") -> None:
    ticket = await opened(desk)

    async def shown_and_lost(_: Outgoing) -> Sent:
        await join(desk, echo("it left", id_="ours"))
        raise DeliveryUnknown("no answer")

    desk.delivery._senders = {"test": shown_and_lost}
    article = await answer(desk, ticket, "it left")
    await desk.settle()
    assert await state(desk, article) == "sent"
    assert await join(desk, echo("it left", id_="ours")) == "joined"
    assert await texts(desk, ticket) == ["it left"]
    assert not (await desk.reader.ticket(ticket)).record.undelivered


async def test_what_is_shown_is_not_sent_again_because_the_channel_cannot_find_it(desk: "Desk") -> None:
    ticket = await opened(desk)
    sent = list[str]()

    async def shown_and_lost(outgoing: Outgoing) -> Sent:
        sent.append(outgoing.article_id)
        await join(desk, echo("it left", id_="ours"))
        raise DeliveryUnknown("no answer")

    async def not_there(_: Outgoing) -> Sent | None:
        return None

    desk.delivery._senders, desk.delivery._lookers = {"test": shown_and_lost}, {"test": not_there}
    article = await answer(desk, ticket, "it left")
    await desk.settle()
    desk.clock.advance(LOOK_UP_MS)
    await desk.settle()
    assert (await state(desk, article), len(sent)) == ("sent", 1)


async def test_an_echo_comes_again_by_itself_while_an_answer_is_being_sent(desk: "Desk") -> None:
    await desk.write("my lamp is broken", conversation="chat-1")
    await desk.settle()
    (ticket,) = await desk.tickets()

    async def told_before(_: Outgoing) -> Sent:
        at = desk.clock.now()
        await desk.write("it left", conversation="chat-1", external_id="ours", direction="out", sender="", sent_at=at)
        await desk.filers.drain()
        return Sent(reference="ours")

    desk.delivery._senders = {"test": told_before}
    await answer(desk, ticket.id, "it left")
    await desk.settle()
    assert (await desk.intake.queue.counts())["later"] == 1
    desk.clock.advance(SOON_MS)
    await desk.settle()
    assert await desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}
    assert await texts(desk, ticket.id) == ["it left"]


async def test_an_answer_in_another_ticket_of_the_conversations_is_known(desk: "Desk") -> None:
    first = await opened(desk)
    await desk.write("my lamp is broken", conversation="post-1")
    await desk.settle()
    (second,) = {ticket.id for ticket in await desk.tickets()} - {first}
    article = await broken_off(desk, second, "It left our house.")
    both = ("chat-1", "post-1")
    assert await join(desk, echo(conversation=both)) == "joined"
    assert (await state(desk, article), await texts(desk, first)) == ("sent", [])
    assert await join(desk, echo("Another.", "echo-2", conversation=both)) == "joined"
    assert await texts(desk, first) == ["Another."]


async def test_an_answer_in_public_is_known_by_the_parts_that_it_has_there(desk: "Desk") -> None:
    ticket = await opened(desk)
    lengths = {"public": TextLimit(most=40, parts=9)}
    facts = replace(
        desk.policy.channels["test"],
        sends=lambda to: Sends(text=lengths.get(to.mode), modes={"direct": "Directly", "public": "In public"}),
    )
    desk.policy = replace(desk.policy, channels=Channels({**desk.policy.channels, "test": facts}))
    article = await broken_off(desk, ticket, "It left our house today. It arrives on Monday.", mode="public")
    assert await join(desk, echo("It left our house today.", "e1")) == "joined"
    assert await state(desk, article) == "unknown"
    assert await join(desk, echo("It arrives on Monday.", "e2")) == "joined"
    assert (await state(desk, article), await texts(desk, ticket)) == (
        "sent",
        ["It left our house today. It arrives on Monday."],
    )


async def test_the_same_words_at_another_time_are_another_answer(desk: "Desk") -> None:
    ticket = await opened(desk)
    article = await broken_off(desk, ticket, "it left")
    now = desk.clock.now()
    for told in (now - 60_000, now + 3_600_000):
        await join(desk, echo("it left", id_=f"at-{told}"), told=told)
    assert await texts(desk, ticket) == ["it left"] * 3
    assert await state(desk, article) == "unknown"


async def test_an_id_of_another_account_is_another_message(desk: "Desk") -> None:
    ticket = await opened(desk)

    async def numbered(_: Outgoing) -> Sent:
        return Sent(reference="7:12")

    desk.delivery._senders = {"test": numbered}
    await desk.write("and mine", conversation="chat-2", account="other", sender="bob@example.org")
    await desk.settle()
    other = next(each.id for each in await desk.tickets() if each.id != ticket)
    one, two = await answer(desk, ticket, "one"), await answer(desk, other, "two")
    await desk.settle()
    for account in ("desk", "other"):
        delivery = Delivery(state="read" if account == "other" else "delivered", reference="7:12")
        receipt = echo(kind="delivery", direction="in", delivery=delivery, account=account)
        assert await desk.intake_handler._receipts.apply(receipt)
    assert [await state(desk, each) for each in (one, two)] == ["delivered", "read"]


async def test_an_id_that_was_stored_without_its_account_counts_for_that_alone(desk: "Desk") -> None:
    ticket = await opened(desk)
    article = await answer(desk, ticket, "one")
    await desk.settle()
    await desk.engine.call("HSET", desk.filer._keys.threads, "sent:test:7:12", article)
    for account, found in (("other", ""), ("desk", "noted")):
        receipt = echo(
            kind="delivery", direction="in", account=account, delivery=Delivery(state="read", reference="7:12")
        )
        assert await desk.intake_handler._receipts.apply(receipt) == found


async def test_an_answer_told_of_late_leaves_owed_what_was_asked_after_it(desk: "Desk") -> None:
    ticket = await opened(desk)
    written = desk.clock.now() + 60_000
    desk.clock.advance(120_000)
    await desk.write("and my other lamp?", conversation="chat-1")
    await desk.settle()
    asked = desk.clock.now()
    desk.clock.advance(60_000)
    await join(desk, echo(), told=written)
    stored = await desk.reader.ticket(ticket)
    assert (stored.record.first_response_at, stored.work.customer_waits_since) == (written, asked)
    assert stored.record.clocks["next_response"].began == asked
    await join(desk, echo(id_="echo-2"))
    assert (await desk.reader.ticket(ticket)).work.customer_waits_since is None


async def test_what_was_written_elsewhere_before_the_customer_wrote_answers_nothing(desk: "Desk") -> None:
    ticket = await opened(desk)
    await join(desk, echo(), told=desk.clock.now() - 60_000)
    assert await owes(desk, ticket)
