"""What becomes of a channel's messages in the house, on a real engine: one article each, in order, and out again.

The cases are the same for all channels: what the adapter promises and what the house makes of it, together.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from trunkline.gateway.channels import CARDS
from trunkline.queue.connection import Engine

from .conftest import SUBJECTS, made_of
from .house import ANOTHER, ANSWER, House

MINUTE, HOUR = 60_000, 3_600_000
POSTED = {"signature", "token"}


@pytest.fixture(params=sorted(name for name in SUBJECTS if name.partition("__")[0] in CARDS))
async def house(request: pytest.FixtureRequest, engine: Engine, tmp_path: Path) -> AsyncIterator[House]:
    """Each channel in turn, its adapter not yet started. No log has a secret of it or what was said."""
    subject = made_of(request)
    made = House(engine, tmp_path, subject, subject.card)
    with capture_logs() as lines:
        await made.start()
        yield made
        await made.stop()
    said = [*subject.secrets, "It does not work.", ANSWER.text]
    assert [each for each in said if each in repr(lines)] == []


# In


async def test_many_deliveries_of_one_message_are_one_article(house: House) -> None:
    await house.subject.adapter.start()
    times = 100 if house.subject.proof in POSTED else 5
    answers = await asyncio.gather(*(house.subject.deliver("1", "Hello") for _ in range(times)))
    assert answers == ["taken"] * times
    await house.settle()
    (article,) = await house.articles()
    assert article.text == "Hello"


async def test_messages_that_come_in_another_order_stand_as_they_were_written(house: House) -> None:
    if not house.card.capability.handing.ordered or house.subject.proof not in POSTED:
        pytest.skip("it tells no order, or keeps it")
    await house.subject.adapter.start()
    for each in ("2", "3", "1"):
        await house.taken(house.subject.deliver_to_one, each, f"number {each}")
        await house.settle()
    assert [article.text for article in await house.articles()] == ["number 1", "number 2", "number 3"]


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("kind", ["edit", "delete", "reaction"])
async def test_a_change_finds_its_message_also_when_it_comes_first(house: House, kind: str, first: bool) -> None:
    if not getattr(house.card.capability.incoming, f"{kind}s"):
        pytest.skip(f"it does not tell of a {kind}")
    await house.subject.adapter.start()
    await house.subject.deliver_change(kind, first=first)
    await house.settle()
    await house.settle(MINUTE)
    (article,) = await house.articles()
    found = {"edit": article.versions, "delete": article.deleted_at, "reaction": article.reactions}
    assert [name for name, value in found.items() if value] == [kind]


# Out


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("state", ["delivered", "read", "failed"])
async def test_a_receipt_finds_its_answer_also_when_it_comes_before_the_vendors(
    house: House, state: str, first: bool
) -> None:
    told = house.card.capability.answers.receipts if house.subject.receipts is None else house.subject.receipts
    if state not in told or not house.subject.has_vendor:
        pytest.skip("no vendor tells of it")
    (ticket,) = await house.conversations(1)
    house.apart = False

    async def receipt() -> None:
        await house.subject.deliver_receipt(state)
        await house.filers.run_once()

    house.before_told = receipt if first else None
    article = await house.answer(ticket)
    await house.settle()
    if not first:
        await receipt()
    await house.settle(MINUTE)
    assert await house.state(article) == state


async def test_what_is_put_off_waits_and_then_leaves_and_nothing_else_waits_for_it(house: House) -> None:
    (ticket,) = await house.conversations(1)
    house.subject.set_far_end("later")
    article = await house.answer(ticket)
    await house.settle()
    assert await house.state(article) == "queued"
    assert (await house.reader.article(article)).delivery.detail
    await on_another_channel(house)
    assert len(house.sent_elsewhere) == 1
    house.subject.set_far_end("taken")
    await house.settle(MINUTE, times=10)
    assert await house.state(article) == "sent"
    assert len(house.subject.arrived) == 1


async def test_an_account_that_takes_nothing_now_is_tried_by_one_answer_and_not_before_it_wants(house: House) -> None:
    if not house.subject.has_vendor:
        pytest.skip("it has no vendor")
    tickets = await house.conversations(4)
    house.subject.set_far_end("later")
    await house.answer(tickets[0])
    await house.settle()
    for ticket in tickets[1:]:
        await house.answer(ticket)
    await house.settle()
    assert len(house.tried) == 1
    (parked,) = await house.delivery.parking.list()
    assert (parked.channel, parked.account, parked.waiting) == (house.card.name, house.subject.account, 4)
    assert parked.until - house.clock.now() >= house.subject.asks_for * 1000
    if house.subject.asks_for > 2:
        await house.settle((house.subject.asks_for - 1) * 1000)
        assert len(house.tried) == 1
    await on_another_channel(house)
    assert len(house.sent_elsewhere) == 1


async def test_an_answer_whose_fate_nobody_knows_is_not_sent_again_by_itself(house: House) -> None:
    if house.card.capability.idempotent_send:
        pytest.skip("a repeat does no harm")
    (ticket,) = await house.conversations(1)
    house.subject.set_far_end("silent")
    article = await house.answer(ticket)
    await house.settle(MINUTE, times=5)
    await house.settle(HOUR, times=5)
    assert await house.state(article) == "unknown"
    assert len(house.tried) == 1


async def test_a_dead_token_is_one_alarm_however_many_answers_wait(house: House) -> None:
    if not house.subject.has_vendor:
        pytest.skip("it has no vendor")
    tickets = await house.conversations(5)
    house.subject.refuse_credentials()
    with capture_logs() as lines:
        for ticket in tickets:
            await house.answer(ticket)
            await house.settle()
        await house.settle(MINUTE, times=30)
    (parked,) = await house.delivery.parking.list()
    assert (parked.credentials, parked.waiting) == (True, 5)
    assert len([line for line in lines if line["log_level"] in {"warning", "error"}]) == 1
    assert len(house.tried) <= 2 + 30 // 5


async def on_another_channel(house: House) -> None:
    """A message on a channel beside this one is answered."""
    await house.another_wrote()
    ticket = next(each for each in await house.tickets() if each.channel == ANOTHER)
    await house.answer(ticket)
    await house.settle()
