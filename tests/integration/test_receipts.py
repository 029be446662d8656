"""Receipts move the state of a reply forward, never back, and each state is told once."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from trunkline.normalizer.channel_facts import Channels
from trunkline.normalizer.envelope import Delivery, DeliveryState, Envelope, Sender
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.normalizer.sending_limits import Sends
from trunkline.router.intake_handler import NOTHING_OF_OURS
from trunkline.router.ticket_requests import Writing

from .test_delivery_order import opened, receipt, state

if TYPE_CHECKING:
    from .conftest import Desk


@pytest.mark.parametrize(
    ("reported", "ends"),
    [
        (["delivered", "read"], "read"),
        (["read", "delivered"], "read"),
        (["read", "sent"], "read"),
        (["read", "failed"], "read"),
        (["failed", "read"], "read"),
        (["delivered", "failed"], "failed"),
        (["delivered", "sent"], "delivered"),
    ],
)
async def test_a_later_state_is_never_taken_back(
    desk: "Desk", reported: list[DeliveryState], ends: DeliveryState
) -> None:
    ticket = await opened(desk)
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    await desk.settle()
    for outcome in reported:
        assert await receipt(desk, article, outcome)
    assert await state(desk, article) == ends


async def test_reading_is_told_once_with_its_article(desk: "Desk") -> None:
    ticket = await opened(desk)
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    await desk.settle()
    for _ in range(3):
        await receipt(desk, article, "read")
    (told,) = [line for line in await desk.lines() if line.kind == "message.read"]
    assert (told.data["article"]["id"], told.data["article"]["delivery"]["state"]) == (article, "read")
    assert told.data["actor"] == "test"


async def test_a_receipt_that_comes_before_the_channel_has_answered_stays(desk: "Desk") -> None:
    ticket = await opened(desk)
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    send = desk.delivery._senders["test"]

    async def seen_at_once(outgoing: Outgoing) -> Sent:
        sent = await send(outgoing)
        await receipt(desk, article, "read")
        return sent

    desk.delivery._senders = {"test": seen_at_once}
    await desk.settle()
    assert await state(desk, article) == "read"
    second = await desk.actions.reply(ticket, Writing(text="and this", agent="ada", actor="ada"))
    await desk.settle()
    assert await state(desk, second) in ("sent", "read")
    assert [outgoing.text for outgoing in desk.sent][-2:] == ["hello", "and this"]


async def test_the_agents_name_goes_along_and_nobodys_with_what_is_automatic(desk: "Desk") -> None:
    ticket = await opened(desk)
    await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    await desk.settle()
    assert [(outgoing.author, outgoing.automatic) for outgoing in desk.sent] == [("", True), ("Ada", False)]


async def test_of_several_receipts_those_for_our_articles_count_and_only_strangers_alone_are_suspended(
    desk: "Desk",
) -> None:
    ticket = await opened(desk)
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    await desk.settle()
    ours = (await desk.reader.article(article)).external_id
    await desk.write(receipts={"nobody's": "read", ours: "delivered", "nobody's either": "read"})
    await desk.settle()
    assert await state(desk, article) == "delivered"
    assert await desk.intake_handler.suspended.list() == []
    await desk.write(receipts={"nobody's": "read", "nobody's either": "read"})
    await desk.settle()
    (suspended,) = await desk.intake_handler.suspended.list()
    assert suspended.cause == NOTHING_OF_OURS


async def test_a_receipt_up_to_a_moment_is_one_for_all_that_left_before_it(desk: "Desk") -> None:
    await desk.write("my lamp is broken", conversation="chat-1")
    await desk.settle()
    (ticket,) = await desk.tickets()
    articles, moments = [], []
    for text in ("hello", "look at this", "and this"):
        articles.append(await desk.actions.reply(ticket.id, Writing(text=text, agent="ada", actor="ada")))
        await desk.settle()
        moments.append(desk.clock.now())
        desk.clock.advance(10_000)
    assert await _until(desk, "read", moments[1])
    assert [await state(desk, article) for article in articles] == ["read", "read", "sent"]
    assert await _until(desk, "delivered", moments[2])
    assert [await state(desk, article) for article in articles] == ["read", "read", "delivered"]


async def test_a_receipt_of_one_way_of_the_channel_says_nothing_of_what_was_sent_in_another(desk: "Desk") -> None:
    await desk.write("my lamp is broken", conversation="chat-1")
    await desk.settle()
    (ticket,) = await desk.tickets()
    facts = replace(desk.policy.channels["test"], sends=lambda _: Sends(modes={"direct": "D", "public": "P"}))
    desk.policy = replace(desk.policy, channels=Channels({**desk.policy.channels, "test": facts}))
    articles = [
        await desk.actions.reply(ticket.id, Writing(text=f"hello {mode}", agent="ada", actor="ada", mode=mode))
        for mode in ("", "direct", "public")
    ]
    await desk.settle()
    read = Delivery(state="read", reference="", until=desk.clock.now(), mode="direct", shared=True)
    assert await desk.intake_handler._receipts.apply(_receipt(read))
    assert [await state(desk, article) for article in articles] == ["read", "read", "sent"]


async def test_a_receipt_for_what_another_program_sent_from_a_shared_account_astonishes_nobody(desk: "Desk") -> None:
    await opened(desk)
    assert await desk.intake_handler._receipts.apply(_receipt(Delivery(state="read", reference="wamid.1", shared=True)))
    assert not await desk.intake_handler._receipts.apply(_receipt(Delivery(state="read", reference="wamid.1")))


async def _until(desk: "Desk", outcome: DeliveryState, until: int) -> bool:
    return await desk.intake_handler._receipts.apply(
        _receipt(Delivery(state=outcome, reference="", until=until, shared=True))
    )


def _receipt(delivery: Delivery) -> Envelope:
    return Envelope(
        id="e",
        channel="test",
        account="desk",
        kind="delivery",
        external_id="x",
        order="1",
        conversation=("chat-1",),
        sender=Sender(identities=()),
        received_at=0,
        delivery=delivery,
        raw_id="r",
    )


async def test_a_receipt_that_names_what_is_being_sent_by_an_id_not_known_yet_is_looked_at_again(desk: "Desk") -> None:
    await desk.write("my lamp is broken", conversation="chat-1")
    await desk.settle()
    (ticket,) = await desk.tickets()
    send = desk.delivery._senders["test"]

    async def told_of_at_once(outgoing: Outgoing) -> Sent:
        await send(outgoing)
        await desk.write(conversation="chat-1", receipts={"theirs": "read"})
        await desk.filers.run_once()
        return Sent(reference="theirs")

    desk.delivery._senders = {"test": told_of_at_once}
    article = await desk.actions.reply(ticket.id, Writing(text="hello", agent="ada", actor="ada"))
    await desk.settle()
    assert await state(desk, article) == "sent"
    desk.clock.advance(2_000)
    await desk.settle()
    assert await state(desk, article) == "read"
    assert await desk.intake_handler.suspended.list() == []
