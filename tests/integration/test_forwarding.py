"""What was answered in a conversation and not seen there is mailed, once, and the answer to it joins the ticket."""

from typing import TYPE_CHECKING

import pytest

from trunkline.config.errors import Conflict, Invalid, NotFound
from trunkline.router.ticket_requests import Writing

from .test_delivery_order import receipt, state

if TYPE_CHECKING:
    from .conftest import Desk

CHAT = {"channel": "test", "conversation": "chat:web:1", "external_id": "line1"}


async def answered(desk: "Desk") -> tuple[str, str]:
    """A ticket from a conversation with an answer of Ada's."""
    await desk.write("is it open today?", **CHAT)
    await desk.settle()
    (ticket,) = await desk.tickets()
    article = await desk.actions.reply(ticket.id, Writing(text="Until six.", agent="ada", actor="agent:ada"))
    await desk.settle()
    desk.sent.clear()
    return ticket.id, article


async def forward(desk: "Desk", ticket: str, article: str, address: str = "Maria@Example.org", key: str = "k") -> str:
    words = "You were answered: Until six."
    return await desk.actions.forward_by_mail(
        ticket, Writing(text=words, actor="chat", key=key), address, repeats=[article]
    )


async def test_it_leaves_by_mail_to_the_proven_address_and_says_what_it_repeats(desk: "Desk") -> None:
    ticket, article = await answered(desk)
    first = (await desk.reader.ticket(ticket)).record.first_response_at
    desk.clock.advance(60_000)
    mailed = await forward(desk, ticket, article)
    await desk.settle()
    (outgoing,) = desk.sent
    assert (outgoing.channel, outgoing.to, outgoing.text) == (
        "mail",
        "maria@example.org",
        "You were answered: Until six.",
    )
    assert (outgoing.author, outgoing.automatic) == ("", False)
    assert (await desk.reader.article(mailed)).repeats == (article,)
    assert (await desk.reader.ticket(ticket)).record.first_response_at == first


async def test_the_same_key_mails_once(desk: "Desk") -> None:
    ticket, article = await answered(desk)
    assert await forward(desk, ticket, article) == await forward(desk, ticket, article)
    await desk.settle()
    assert len(desk.sent) == 1
    await forward(desk, ticket, article, key="other")
    await desk.settle()
    assert len(desk.sent) == 2


async def test_it_is_no_first_response_and_takes_no_ticket(desk: "Desk") -> None:
    await desk.write("is it open today?", **CHAT)
    await desk.settle()
    (ticket,) = await desk.tickets()
    await forward(desk, ticket.id, ticket.id)
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert (ticket.first_response_at, ticket.assignee, ticket.status) == (None, None, "new")


async def test_an_answer_that_refers_to_it_joins_the_ticket(desk: "Desk") -> None:
    ticket, article = await answered(desk)
    mailed = await forward(desk, ticket, article)
    await desk.settle()
    reference = (await desk.reader.article(mailed)).external_id
    answer = {"channel": "mail", "sender": "maria@example.org", "conversation": f"mail:{reference}"}
    await desk.write("thank you", **answer, announces=())
    await desk.write("me too", **(answer | {"sender": "mallory@example.org"}), announces=())
    await desk.settle()
    texts = [a.text for a in await desk.reader.articles(ticket) if a.kind == "message"]
    assert texts == ["is it open today?", "thank you"]


async def test_its_bounce_is_seen_at_it(desk: "Desk") -> None:
    ticket, article = await answered(desk)
    mailed = await forward(desk, ticket, article)
    await desk.settle()
    assert await receipt(desk, mailed, "failed", channel="mail")
    assert (await state(desk, mailed), await state(desk, article)) == ("failed", "sent")


async def test_what_cannot_be_mailed_is_refused(desk: "Desk", monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, article = await answered(desk)
    with pytest.raises(Invalid):
        await forward(desk, ticket, article, address="nobody")
    with pytest.raises(NotFound):
        await forward(desk, "T-99", article)
    monkeypatch.setattr(desk.actions, "_routes", lambda *_: None)
    with pytest.raises(Conflict):
        await forward(desk, ticket, article)
    await desk.settle()
    assert desk.sent == []
