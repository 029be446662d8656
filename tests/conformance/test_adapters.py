"""What every channel must do, tried on every adapter."""

import asyncio
from typing import Any

import pytest

from trunkline.config.errors import (
    AccountUnavailable,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    EngineFull,
    EngineUnavailable,
    TrunklineError,
    Unreadable,
)
from trunkline.normalizer.envelope import RawMessage, envelope_id
from trunkline.normalizer.outgoing import Outgoing, Parsed


def outgoing(subject: Any, **changes: Any) -> Outgoing:
    article = "0193512e-aaaa-7000-8000-000000000002"
    given: dict[str, Any] = {
        "article_id": article,
        "external_id": subject.adapter.outgoing_id(article, subject.account),
        "ticket_id": "t",
        "number": "T-1042",
        "channel": subject.adapter.channel,
        "account": subject.account,
        "to": subject.address,
        "subject": "Hello",
        "text": "It works again.",
        "created_at": 1_700_000_000_000,
    }
    return Outgoing(**(given | changes))


async def received(subject: Any, text: str = "It does not work.") -> RawMessage:
    await subject.adapter.start()
    assert await subject.deliver(str(next(subject.numbers)), text) == "taken"
    return subject.intake.raws[-1]


# In


async def test_a_sender_hears_that_it_is_taken_only_when_it_is_stored(subject: Any) -> None:
    await subject.adapter.start()
    subject.intake.gate.clear()
    delivery = asyncio.create_task(subject.deliver("1", "Hello"))
    await subject.intake.entered.wait()
    assert subject.intake.raws == []
    assert not delivery.done()
    subject.intake.gate.set()
    assert await delivery == "taken"
    assert len(subject.intake.raws) == 1


@pytest.mark.parametrize("failure", [EngineUnavailable("away"), EngineFull("full"), TrunklineError("odd")])
async def test_our_own_trouble_is_never_the_senders_and_a_repeat_succeeds(
    subject: Any, failure: TrunklineError
) -> None:
    await subject.adapter.start()
    subject.intake.failure = failure
    assert await subject.deliver("1", "Hello") == "later"
    subject.intake.failure = None
    assert await subject.deliver("1", "Hello") == "taken"
    assert len(subject.intake.raws) == 1


async def test_a_repeat_is_taken_and_is_one_message(subject: Any) -> None:
    await subject.adapter.start()
    posts = subject.proof in {"signature", "token"}
    times = 100 if posts else 5  # one connection of a visitor or of a mail server does not do that
    answers = await asyncio.gather(*(subject.deliver("1", "Hello") for _ in range(times)))
    assert answers == ["taken"] * times
    assert len(subject.intake.raws) == 1


async def test_another_message_under_a_known_id_is_stored_or_refused_for_good_and_never_dropped(subject: Any) -> None:
    await subject.adapter.start()
    assert await subject.deliver("1", "Hello") == "taken"
    answer = await subject.deliver("1", "Something else")
    assert (answer, len(subject.intake.raws)) in {("taken", 2), ("never", 1)}
    assert await subject.deliver("1", "Hello") == "taken"
    assert [raw.content for raw in subject.intake.raws[1:]] == [subject.intake.raws[-1].content] * (answer == "taken")


async def test_different_messages_are_different(subject: Any) -> None:
    await subject.adapter.start()
    await subject.deliver("1", "Hello")
    await subject.deliver("2", "Hello")
    assert len(subject.intake.raws) == 2
    assert len({raw.external_id for raw in subject.intake.raws}) == 2


async def test_the_channel_and_the_account_are_named(subject: Any) -> None:
    raw = await received(subject)
    assert (raw.channel, raw.account) == (subject.adapter.channel, subject.account)


# Read


async def test_what_was_written_is_read(subject: Any) -> None:
    raw = await received(subject, "It does not work.")
    (envelope,) = (await subject.adapter.parse(raw)).envelopes
    assert envelope.text == "It does not work."
    assert envelope.sender.identities[0].key == subject.sender_key
    assert (envelope.id, envelope.raw_id) == (envelope_id(raw.id, 0), raw.id)
    assert (envelope.channel, envelope.account) == (raw.channel, raw.account)
    assert (envelope.external_id, envelope.received_at) == (raw.external_id, raw.received_at)
    assert (envelope.kind, envelope.direction) == ("message", "in")


async def test_the_same_bytes_give_the_same_envelopes(subject: Any) -> None:
    raw = await received(subject)
    assert await subject.adapter.parse(raw) == await subject.adapter.parse(raw)


async def test_a_later_message_sorts_behind_an_earlier_one(subject: Any) -> None:
    first, second = await received(subject), await received(subject)
    later = second.model_copy(update={"sequence": 1000})
    orders = [(await subject.adapter.parse(raw)).envelopes[0].order for raw in (first, second, later)]
    assert orders == sorted(orders)
    assert len(set(orders)) == 3


async def test_a_stranger_is_not_believed(subject: Any) -> None:
    raw = await received(subject)
    sender = (await subject.adapter.parse(raw)).envelopes[0].sender
    assert all(identity.assurance is subject.believed for identity in sender.identities)


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"\xff\xfe" * 1000, b"{" * 5000, b"(" * 5000, b"<" * 5000, b"\r\n" * 5000]
)
async def test_bytes_that_nobody_can_read_are_set_aside(subject: Any, content: bytes) -> None:
    raw = (await received(subject)).model_copy(update={"content": content})
    try:
        parsed: Parsed = await subject.adapter.parse(raw)
    except Unreadable:
        return
    assert all(envelope.suspend for envelope in parsed.envelopes)


# Out


async def test_the_id_of_an_article_is_always_the_same_and_its_own(subject: Any) -> None:
    one, two = (subject.adapter.outgoing_id(article, subject.account) for article in ("a", "b"))
    assert one == subject.adapter.outgoing_id("a", subject.account)
    assert one != two


async def test_what_is_sent_arrives_under_its_id(subject: Any) -> None:
    sent = await subject.adapter.send(outgoing(subject))
    ours = outgoing(subject).external_id
    assert sent.reference == (subject.given_id or ours)
    (arrived,) = subject.arrived
    assert b"It works again." in arrived
    assert ours.encode() in arrived or not subject.card.capability.idempotent_send


async def test_a_repeat_that_the_channel_recognises_is_taken_once_and_told_as_the_first(subject: Any) -> None:
    if not subject.card.capability.idempotent_send:
        pytest.skip("its messages are never sent again by themselves")
    first = await subject.adapter.send(outgoing(subject))
    assert (await subject.adapter.send(outgoing(subject))).reference == first.reference


@pytest.mark.parametrize(
    ("far_end", "error"),
    [("later", DeliveryDeferred), ("never", DeliveryFailed), ("away", DeliveryDeferred), ("silent", DeliveryUnknown)],
)
async def test_the_fate_of_what_is_sent_is_told(subject: Any, far_end: str, error: type[TrunklineError]) -> None:
    if far_end == "silent" and subject.card.capability.idempotent_send:
        error = DeliveryDeferred  # a repeat does no harm, so there is no unknown fate
    subject.set_far_end(far_end)
    with pytest.raises(error) as caught:
        await subject.adapter.send(outgoing(subject))
    assert type(caught.value) in {error, AccountUnavailable if error is DeliveryDeferred else error}
    assert subject.arrived == []


async def test_nobody_to_send_to_is_a_failure_for_good(subject: Any) -> None:
    with pytest.raises(DeliveryFailed):
        await subject.adapter.send(outgoing(subject, to=""))


# Service


async def test_start_and_stop_may_be_called_again(subject: Any) -> None:
    await subject.adapter.stop()
    await subject.adapter.start()
    await subject.adapter.start()
    assert await subject.deliver("1", "Hello") == "taken"
    await subject.adapter.stop()
    await subject.adapter.stop()
    if not subject.listens_itself:
        return
    with pytest.raises(ConnectionRefusedError):
        await subject.deliver("2", "Hello")


async def test_a_stop_waits_for_what_is_being_stored(subject: Any) -> None:
    if not subject.listens_itself:
        pytest.skip("the web service listens, and waits")
    await subject.adapter.start()
    subject.intake.gate.clear()
    delivery = asyncio.create_task(subject.deliver("1", "Hello"))
    await subject.intake.entered.wait()
    stopping = asyncio.create_task(subject.adapter.stop())
    await asyncio.wait({stopping}, timeout=0.05)
    assert not stopping.done()
    subject.intake.gate.set()
    await stopping
    assert await delivery == "taken"
    assert len(subject.intake.raws) == 1


async def test_the_capability_card_is_complete(subject: Any) -> None:
    card = subject.card
    assert subject.adapter.channel == card.name
    assert card.facts.words
    assert card.capability.offer_time in {30, 300}
    assert card.capability.incoming is not None, "what customers can do is not told: Capability.incoming"
    assert card.capability.handing is not None, "how messages come is not told: Capability.handing"
