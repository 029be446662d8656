"""Answers that were written elsewhere join the ticket of their conversation, once; those that we sent are known."""

from typing import TYPE_CHECKING, Any

from trunkline.config.errors import DeliveryUnknown
from trunkline.normalizer.envelope import Delivery, Envelope, Sender
from trunkline.normalizer.later_files import later_file
from trunkline.normalizer.outgoing import Outgoing, Sent
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


async def join(desk: "Desk", envelope: Envelope) -> bool:
    return await desk.intake_handler._echoes.join(envelope)


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
    assert not await join(desk, echo())
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


async def test_what_we_sent_ourselves_is_not_added_again_by_whatever_it_is_told(desk: "Desk") -> None:
    ticket = await opened(desk)
    article = await desk.actions.reply(ticket, Writing(text="hello  Maria,\n\nit left", agent="ada", actor="ada"))
    await desk.settle()
    ours = (await desk.reader.article(article)).external_id
    before = await replies(desk, ticket)
    assert await join(desk, echo("hello Maria, it left", id_=ours))
    assert await join(desk, echo("hello Maria,", id_="the-vendors-id"))
    assert await replies(desk, ticket) == before


async def test_an_answer_whose_fate_is_unknown_was_sent_when_the_channel_shows_it(desk: "Desk") -> None:
    ticket = await opened(desk)

    async def breaks_off(_: Outgoing) -> Sent:
        raise DeliveryUnknown("no answer")

    desk.delivery._senders = {"test": breaks_off}
    article = await desk.actions.reply(ticket, Writing(text="it left", agent="ada", actor="ada"))
    await desk.settle()
    assert await join(desk, echo("it left", id_="the-vendors-id"))
    delivery = (await desk.reader.article(article)).delivery
    assert delivery is not None
    assert (delivery.state, delivery.detail) == ("sent", "the channel shows it")
    receipt = echo(kind="delivery", direction="in", delivery=Delivery(state="read", reference="the-vendors-id"))
    assert await desk.intake_handler._receipts.apply(receipt)


async def test_the_same_words_long_ago_are_another_answer(desk: "Desk") -> None:
    ticket = await opened(desk)
    await desk.actions.reply(ticket, Writing(text="it left", agent="ada", actor="ada"))
    await desk.settle()
    before = len(await replies(desk, ticket))
    desk.clock.advance(3_600_000)
    assert await join(desk, echo("it left", id_="the-vendors-id"))
    assert len(await replies(desk, ticket)) == before + 1
