"""Receipts move the state of a reply forward, never back, and each state is told once."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import DeliveryDeferred, DeliveryFailed, DeliveryUnknown, TrunklineError
from trunkline.normalizer.channel_facts import Channels
from trunkline.normalizer.envelope import Delivery, DeliveryState, Envelope, Sender
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.normalizer.sending_limits import Sends
from trunkline.queue.work import LEASE_MS
from trunkline.router.delivery import _Job
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


PARTS = ("first", "second", "third")
"""The vendor's ids of the messages that an answer becomes."""


async def _in_parts(desk: "Desk", error: TrunklineError | None) -> tuple[str, list[str]]:
    """An answer in several messages of which the second is not sent, and all that leave of it after that."""
    ticket, left = await opened(desk), list[str]()
    errors = iter([error] if error else [])

    async def send(_: Outgoing) -> Sent:
        left.extend(PARTS[len(left) : 1])
        if trouble := next(errors, None):
            raise trouble
        left.extend(PARTS[len(left) :])
        return Sent(reference=PARTS[0], also=PARTS[1:])

    desk.delivery._senders = {"test": send}
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    await desk.settle()
    return article, left


async def _told_of(desk: "Desk", outcome: DeliveryState, reference: str, part: int = 0, **about: Any) -> str:
    """A receipt of one message of it."""
    told = Delivery(state=outcome, reference=reference, part=part, **about)
    return await desk.intake_handler._receipts.apply(_receipt(told))


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("outcome", ["sent", "delivered", "read"])
async def test_a_receipt_of_the_first_message_does_not_end_an_answer_of_which_more_is_to_be_sent(
    desk: "Desk", outcome: DeliveryState, *, numbered: bool
) -> None:
    article, left = await _in_parts(desk, DeliveryDeferred("429", arrived=PARTS[:1]))
    ours = (await desk.reader.article(article)).external_id
    named = {"reference": ours, "part": 1} if numbered else {"reference": "first"}
    assert await _told_of(desk, outcome, **named) == "noted"
    assert await state(desk, article) == "queued"
    desk.clock.advance(10_000)
    await desk.settle()
    assert left == list(PARTS)
    assert await state(desk, article) == "sent"
    await _told_of(desk, "delivered", ours, 3, last=True)
    assert await state(desk, article) == "delivered"


async def test_a_receipt_of_the_first_message_does_not_hide_that_the_sender_died_before_the_second(
    desk: "Desk",
) -> None:
    ticket = await opened(desk)
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    ours = (await desk.reader.article(article)).external_id
    (lane,) = (await desk.senders.queue.claim(desk.clock.now(), lanes=1)).lanes
    names = json.loads(lane[0].payload)
    outgoing = await desk.delivery.outgoing(names["article"], names["ticket"])
    assert outgoing is not None
    await desk.delivery._begin(_Job(lane[0], names["article"], names["ticket"]), outgoing)
    await _told_of(desk, "delivered", ours, 1)
    desk.clock.advance(LEASE_MS + 1)
    await desk.settle()
    assert await state(desk, article) == "unknown"
    await _told_of(desk, "read", ours, 3, last=True)
    assert await state(desk, article) == "read"


@pytest.mark.parametrize("error", [DeliveryUnknown("broken off"), DeliveryFailed("blocked")])
async def test_that_the_first_message_was_read_settles_no_answer_whose_rest_did_not_leave(
    desk: "Desk", error: TrunklineError
) -> None:
    error.facts["arrived"] = PARTS[:1]
    article, _ = await _in_parts(desk, error)
    before = await state(desk, article)
    await _told_of(desk, "read", "first")
    await _told_of(desk, "read", (await desk.reader.article(article)).external_id, 1)
    assert await state(desk, article) == before


async def test_with_one_message_that_fails_the_answer_has_failed_and_says_which_arrived(desk: "Desk") -> None:
    article, left = await _in_parts(desk, None)
    ours = (await desk.reader.article(article)).external_id
    await _told_of(desk, "delivered", ours, 1)
    await _told_of(desk, "failed", ours, 2, detail="no such number")
    found = (await desk.reader.article(article)).delivery
    assert found is not None
    assert found.state == "failed"
    assert found.detail == "message 2 of it did not arrive: no such number; message 1 did"
    await _told_of(desk, "read", ours, 3, last=True)
    assert await state(desk, article) == "failed"
    assert left == list(PARTS)


async def test_a_message_that_fails_while_more_is_to_be_sent_ends_the_answer_in_words(desk: "Desk") -> None:
    article, left = await _in_parts(desk, DeliveryDeferred("429", arrived=PARTS[:1]))
    await _told_of(desk, "failed", "first", detail="no such number")
    desk.clock.advance(10_000)
    await desk.settle()
    found = (await desk.reader.article(article)).delivery
    assert found is not None
    assert (found.state, found.detail) == ("failed", "one of its messages did not arrive: no such number")
    assert left == ["first"]


async def test_an_answer_that_is_sent_again_after_a_failure_is_told_of_anew(desk: "Desk") -> None:
    article, _ = await _in_parts(desk, None)
    ours = (await desk.reader.article(article)).external_id
    await _told_of(desk, "failed", ours, 2)
    await desk.actions.resend(article, actor="ada")
    await desk.settle()
    assert await state(desk, article) == "sent"
    await _told_of(desk, "read", ours, 3, last=True)
    assert await state(desk, article) == "read"


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
