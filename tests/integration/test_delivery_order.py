"""What holds a reply back, and what must not: receipts, deaths of workers, answers of servers, long pauses."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from trunkline.config.errors import DeliveryDeferred, DeliveryUnknown
from trunkline.normalizer.envelope import Delivery, DeliveryState, Envelope, Sender
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.queue.work import LEASE_MS
from trunkline.router.delivery import ASK_FOR_MS, KEEP_TRYING_MS, LOOK_UP_MS
from trunkline.router.ticket_requests import Writing

if TYPE_CHECKING:
    from .conftest import Desk


async def opened(desk: "Desk") -> str:
    """A ticket of a person whose acknowledgement is sent."""
    await desk.write("my lamp is broken")
    await desk.settle()
    (ticket,) = await desk.tickets()
    return ticket.id


async def state(desk: "Desk", article: str) -> DeliveryState:
    delivery = (await desk.reader.article(article)).delivery
    assert delivery is not None
    return delivery.state


async def receipt(desk: "Desk", article: str, outcome: DeliveryState, channel: str = "test") -> bool:
    reference = (await desk.reader.article(article)).external_id
    envelope = Envelope(
        id="e",
        channel=channel,
        kind="delivery",
        external_id="x",
        order="1",
        sender=Sender(identities=()),
        received_at=0,
        delivery=Delivery(state=outcome, reference=reference),
        raw_id="r",
    )
    return await desk.intake_handler._receipts.apply(envelope)


async def test_a_second_bounce_while_a_resend_waits_does_not_block_the_ticket(desk: "Desk") -> None:
    ticket = await opened(desk)
    first = await desk.actions.reply(ticket, Writing(text="first", agent="ada", actor="ada"))
    await desk.settle()
    await receipt(desk, first, "failed")
    await desk.actions.resend(first, actor="ada")
    await receipt(desk, first, "failed")
    await desk.settle()
    second = await desk.actions.reply(ticket, Writing(text="second", agent="ada", actor="ada"))
    await desk.settle()
    assert await state(desk, second) == "sent"


async def test_a_bounce_finds_a_message_whose_sending_broke_off(desk: "Desk") -> None:
    ticket = await opened(desk)
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    assert await receipt(desk, article, "failed")
    assert await state(desk, article) == "failed"


async def test_a_reply_that_was_put_off_often_survives_the_death_of_a_worker(desk: "Desk") -> None:
    ticket = await opened(desk)
    reachable = False

    async def send(outgoing: Outgoing) -> Sent:
        if not reachable:
            raise DeliveryDeferred("connection refused")
        return Sent()

    desk.delivery._senders = {"test": send}
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    for _ in range(8):
        await desk.settle()
        desk.clock.advance(400_000)
    assert (await desk.senders.queue.claim(desk.clock.now(), lanes=4)).lanes
    desk.clock.advance(LEASE_MS + 1)
    reachable = True
    await desk.settle()
    assert await state(desk, article) == "sent"
    assert await desk.senders.queue.dead() == []


async def test_a_defect_while_sending_is_shown_at_the_message_and_the_next_one_leaves(desk: "Desk") -> None:
    ticket = await opened(desk)

    async def send(outgoing: Outgoing) -> Sent:
        if outgoing.text == "first":
            raise KeyError("bug")
        return Sent()

    desk.delivery._senders = {"test": send}
    first = await desk.actions.reply(ticket, Writing(text="first", agent="ada", actor="ada"))
    second = await desk.actions.reply(ticket, Writing(text="second", agent="ada", actor="ada"))
    await desk.settle()
    desk.clock.advance(10_000)
    await desk.settle()
    assert (await state(desk, first), await state(desk, second)) == ("unknown", "sent")


async def test_a_resend_has_all_its_time_again(desk: "Desk") -> None:
    ticket = await opened(desk)
    refusals = iter([False, True, False])

    async def send(outgoing: Outgoing) -> Sent:
        if next(refusals):
            raise DeliveryDeferred("greylisted")
        return Sent()

    desk.delivery._senders = {"test": send}
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    await desk.settle()
    await receipt(desk, article, "failed")
    desk.clock.advance(6 * 86_400_000)
    await desk.actions.resend(article, actor="ada")
    await desk.settle()
    assert await state(desk, article) == "queued"
    desk.clock.advance(10_000)
    await desk.settle()
    assert await state(desk, article) == "sent"


async def test_the_channel_hears_since_when_an_answer_is_to_be_sent_and_of_a_resend_when_it_was_decided(
    desk: "Desk",
) -> None:
    ticket, began = await opened(desk), desk.clock.now()
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    await desk.settle()
    await receipt(desk, article, "failed")
    desk.clock.advance(6 * 86_400_000)
    await desk.actions.resend(article, actor="ada")
    await desk.settle()
    first, again = (outgoing.queued_at for outgoing in desk.sent if outgoing.text == "hello")
    assert began <= first < began + 86_400_000 < again <= desk.clock.now()


async def test_words_that_utf8_cannot_hold_stop_nobody(desk: "Desk") -> None:
    ticket = await opened(desk)

    async def send(outgoing: Outgoing) -> Sent:
        return Sent(detail="250 2.0.0 \udcfcbernommen")

    desk.delivery._senders = {"test": send}
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    await asyncio.wait_for(desk.settle(), 20)
    assert await state(desk, article) == "sent"


async def test_a_receipt_for_nothing_of_ours_is_set_aside(desk: "Desk") -> None:
    parse = desk.parse

    async def bounce(raw):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        parsed = await parse(raw)
        (envelope,) = parsed.envelopes
        delivery = Delivery(state="failed", reference="nothing@ours")
        return parsed.model_copy(
            update={"envelopes": (envelope.model_copy(update={"kind": "delivery", "delivery": delivery}),)}
        )

    desk.intake_handler._parsers = {"test": bounce}
    accepted = await desk.write("your mail bounced")
    await desk.settle()
    (suspended,) = await desk.intake_handler.suspended.list()
    assert suspended.id == accepted.id


async def broken_off(desk: "Desk", found: "Sent | Exception | None") -> list[str]:
    """An answer whose sending broke off on a channel that looks it up; the texts that were sent after."""
    ticket = await opened(desk)

    async def break_off(_: Outgoing) -> Sent:
        raise DeliveryUnknown("the answer was lost")

    async def look_up(_: Outgoing) -> Sent | None:
        desk.delivery._senders = {"test": desk.send}
        if isinstance(found, Exception):
            raise found
        return found

    desk.delivery._senders, desk.delivery._lookers = {"test": break_off}, {"test": look_up}
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    await desk.settle()
    assert await state(desk, article) == "sending"
    desk.clock.advance(LOOK_UP_MS)
    await desk.settle()
    return [each.text for each in desk.sent if each.article_id == article] + [await state(desk, article)]


async def test_a_send_that_broke_off_is_looked_up_and_sent_again_only_when_it_did_not_arrive(desk: "Desk") -> None:
    assert await broken_off(desk, None) == ["hello", "sent"]


async def test_a_send_that_broke_off_and_arrived_all_the_same_is_sent(desk: "Desk") -> None:
    assert await broken_off(desk, Sent(reference="theirs")) == ["sent"]


async def test_a_send_of_which_the_channel_cannot_tell_is_for_a_person(desk: "Desk") -> None:
    assert await broken_off(desk, DeliveryUnknown("the channel cannot tell")) == ["unknown"]


async def test_a_channel_that_cannot_be_asked_now_is_asked_for_an_hour(desk: "Desk") -> None:
    assert await broken_off(desk, DeliveryDeferred("it is not reached")) == ["sending"]
    desk.clock.advance(ASK_FOR_MS + 1)
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.undelivered


async def test_a_send_that_breaks_off_each_time_is_given_up_after_five_days(desk: "Desk") -> None:
    ticket = await opened(desk)

    async def break_off(_: Outgoing) -> Sent:
        raise DeliveryUnknown("the answer was lost")

    async def not_there(_: Outgoing) -> Sent | None:
        return None

    desk.delivery._senders, desk.delivery._lookers = {"test": break_off}, {"test": not_there}
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    await desk.settle()
    desk.clock.advance(KEEP_TRYING_MS + LOOK_UP_MS)
    await desk.settle()
    assert await state(desk, article) == "failed"


async def test_a_send_that_may_still_be_under_way_is_not_looked_up(desk: "Desk") -> None:
    assert await broken_off(desk, None) == ["hello", "sent"]
    (ticket,) = await desk.tickets()
    asked: list[str] = []

    async def look_up(outgoing: Outgoing) -> Sent | None:
        asked.append(outgoing.article_id)
        return Sent(reference="theirs")

    async def die(_: Outgoing) -> Sent:
        raise asyncio.CancelledError

    desk.delivery._senders, desk.delivery._lookers = {"test": die}, {"test": look_up}
    article = await desk.actions.reply(ticket.id, Writing(text="again", agent="ada", actor="ada"))
    with suppress(asyncio.CancelledError):
        await desk.settle()
    desk.clock.advance(LOOK_UP_MS - 1_000)
    await desk.settle()
    assert (asked, await state(desk, article)) == ([], "sending")
    desk.clock.advance(1_000)
    await desk.settle()
    assert (asked, await state(desk, article)) == ([article], "sent")
