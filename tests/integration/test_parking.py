"""An account that takes nothing now holds back its own messages, and nobody else's; and goes on by itself."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import (
    AccountUnavailable,
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
)
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.queue.work import LEASE_MS
from trunkline.queue.work_drop import drop_where
from trunkline.router.delivery import _BEGIN, ASK_FOR_MS, BEHIND_MS, KEEP_TRYING_MS, LOOK_UP_MS
from trunkline.router.parking import _UNPARK, LONGEST_PAUSE_MS, SPREAD_MS, Parked
from trunkline.router.ticket_requests import Writing

if TYPE_CHECKING:
    from .conftest import Desk

PEOPLE = 5


class Vendor:
    """A channel whose accounts can be down."""

    def __init__(self, desk: "Desk") -> None:
        self.down: dict[str, Exception] = {}
        self.tried: list[str] = []
        self.took: list[str] = []
        desk.delivery._senders = {"test": self.send}

    async def send(self, outgoing: Outgoing) -> Sent:
        self.tried.append(outgoing.account)
        if error := self.down.get(outgoing.account):
            raise error
        self.took.append(outgoing.account)
        return Sent()


async def answered(desk: "Desk", vendor: Vendor, accounts: Sequence[str], down: Exception) -> list[str]:
    """Answers to people who wrote to these accounts, of which `desk` takes nothing now; the ids of the articles.

    The first has failed when the others are written.
    """
    for number, account in enumerate(accounts):
        await desk.write("my lamp is broken", by=f"person{number}@example.org", account=account)
    await desk.settle()
    vendor.tried.clear()
    vendor.took.clear()
    vendor.down["desk"] = down
    tickets = sorted(await desk.tickets(), key=lambda each: each.created_at)
    writing = Writing(text="Try another bulb.", agent="ada", actor="ada")
    first = await desk.actions.reply(tickets[0].id, writing)
    await desk.settle()
    others = [await desk.actions.reply(ticket.id, writing) for ticket in tickets[1:]]
    await desk.settle()
    return [first, *others]


async def parked(desk: "Desk") -> Parked:
    (only,) = await desk.delivery.parking.list()
    return only


async def test_many_answers_of_an_account_that_is_down_are_one_failure_and_those_of_another_leave(desk: "Desk") -> None:
    vendor = Vendor(desk)
    articles = await answered(desk, vendor, ["desk"] * PEOPLE + ["other"], AccountUnavailable("it fails: 503"))
    assert vendor.took == ["other"]
    assert vendor.tried.count("desk") == 1
    told = [(await desk.reader.article(article)).delivery for article in articles]
    assert [each.detail for each in told if each and each.state == "queued"] == ["it fails: 503"] * PEOPLE
    assert (await parked(desk)).waiting == PEOPLE


async def test_when_it_goes_on_one_message_goes_ahead_and_all_others_follow_at_once(desk: "Desk") -> None:
    vendor = Vendor(desk)
    await answered(desk, vendor, ["desk"] * PEOPLE, AccountUnavailable("it wants fewer", retry_after=120))
    tried = len(vendor.tried)
    desk.clock.advance(119_000)
    await desk.settle()
    assert len(vendor.tried) == tried, "as long as it asks for"
    vendor.down.clear()
    desk.clock.advance(1_000 + SPREAD_MS)
    await desk.settle()
    assert len(vendor.took) == PEOPLE
    assert await desk.delivery.parking.list() == []


async def test_pauses_grow_while_it_fails(desk: "Desk") -> None:
    vendor = Vendor(desk)
    await answered(desk, vendor, ["desk"] * PEOPLE, AccountUnavailable("it is not reached"))
    for _ in range(600):
        desk.clock.advance(1_000)
        await desk.settle()
    assert len(vendor.tried) < 15
    assert (await parked(desk)).until - desk.clock.now() <= LONGEST_PAUSE_MS * 6 // 5


async def test_a_refused_token_is_tried_every_few_minutes_and_when_a_worker_starts(desk: "Desk") -> None:
    vendor = Vendor(desk)
    await answered(desk, vendor, ["desk"] * PEOPLE, CredentialsRefused("it does not take our token"))
    first = len(vendor.tried)
    for _ in range(4):
        desk.clock.advance(60_000)
        await desk.settle()
    assert len(vendor.tried) == first
    assert (await parked(desk)).credentials
    vendor.down.clear()
    await desk.delivery.parking.try_again()
    await desk.settle()
    assert len(vendor.took) == PEOPLE


async def test_one_message_that_is_refused_for_itself_holds_nobody_back(desk: "Desk") -> None:
    vendor = Vendor(desk)
    await answered(desk, vendor, ["desk"] * 2, AccountUnavailable("it is not reached"))
    vendor.down["desk"] = DeliveryFailed("no such user")
    desk.clock.advance(10_000)
    await desk.settle()
    assert await desk.delivery.parking.list() == []


async def test_a_vendor_that_fails_over_messages_is_not_given_all_of_them(desk: "Desk") -> None:
    vendor = Vendor(desk)
    articles = await answered(
        desk, vendor, ["desk"] * PEOPLE, DeliveryUnknown("it failed over it: 502", account_waits=True)
    )
    states = [delivery.state for each in articles if (delivery := (await desk.reader.article(each)).delivery)]
    assert states == ["unknown", *["queued"] * (PEOPLE - 1)]


async def test_what_waits_for_its_account_is_given_up_after_five_days(desk: "Desk") -> None:
    vendor = Vendor(desk)
    await answered(desk, vendor, ["desk"] * 2, AccountUnavailable("it is not reached"))
    desk.clock.advance(KEEP_TRYING_MS + 60_000)
    for _ in range(3):
        await desk.settle()
        desk.clock.advance(LONGEST_PAUSE_MS * 2)
    tickets = await desk.tickets()
    assert [ticket.undelivered for ticket in tickets] == [True, True]


async def test_what_was_under_way_when_an_account_failed_is_not_counted_as_further_failures(desk: "Desk") -> None:
    vendor = Vendor(desk)
    for number in range(PEOPLE):
        await desk.write("my lamp is broken", by=f"person{number}@example.org")
    await desk.settle()
    all_begun = asyncio.Barrier(PEOPLE)

    async def fail_together(_: Outgoing) -> Sent:
        await all_begun.wait()
        raise AccountUnavailable("it is not reached")

    desk.delivery._senders = {"test": fail_together}
    writing = Writing(text="Try another bulb.", agent="ada", actor="ada")
    articles = [await desk.actions.reply(ticket.id, writing) for ticket in await desk.tickets()]
    await desk.settle()
    assert (await parked(desk)).failures == 1
    desk.delivery._senders = {"test": vendor.send}
    desk.clock.advance(2_000 + SPREAD_MS)
    await desk.settle()
    told = [(await desk.reader.article(article)).delivery for article in articles]
    assert [each.state for each in told if each] == ["sent"] * PEOPLE


async def waiting(desk: "Desk") -> int:
    return sum(each.waiting for each in await desk.delivery.parking.list())


async def state_of(desk: "Desk", article: str) -> str:
    delivery = (await desk.reader.article(article)).delivery
    assert delivery is not None
    return delivery.state


async def test_what_broke_off_or_was_given_up_does_not_count_as_waiting(desk: "Desk") -> None:
    vendor = Vendor(desk)
    await answered(desk, vendor, ["desk"], DeliveryUnknown("it failed over it: 502", account_waits=True))
    assert await waiting(desk) == 0
    desk.clock.advance(LONGEST_PAUSE_MS)
    vendor.down["desk"] = AccountUnavailable("it is not reached")
    (ticket,) = await desk.tickets()
    late = await desk.actions.reply(ticket.id, Writing(text="And now?", agent="ada", actor="ada"))
    desk.clock.advance(KEEP_TRYING_MS + 1)
    await desk.settle()
    assert (await state_of(desk, late), await waiting(desk)) == ("failed", 0)


async def test_what_was_dropped_is_neither_counted_nor_sent_ahead_in_place_of_another(desk: "Desk") -> None:
    vendor = Vendor(desk)
    articles = await answered(desk, vendor, ["desk"] * 3, CredentialsRefused("it does not take our token"))
    await drop_where(desk.senders.queue, lambda payload, _: articles[0].encode() in payload)
    assert await waiting(desk) == 2
    vendor.down.clear()
    await desk.delivery.parking.try_again()
    await desk.settle()
    assert [await state_of(desk, each) for each in articles[1:]] == ["sent"] * 2
    assert await desk.delivery.parking.list() == []


async def test_a_refused_token_for_which_nothing_waits_is_forgotten_when_a_worker_starts(desk: "Desk") -> None:
    vendor = Vendor(desk)
    await answered(desk, vendor, ["desk"] * 2, CredentialsRefused("it does not take our token"))
    await drop_where(desk.senders.queue, lambda *_: True)
    assert (await parked(desk)).credentials
    await desk.delivery.parking.try_again()
    assert await desk.delivery.parking.list() == []


async def test_an_account_that_is_gone_from_the_configuration_holds_nothing_back(desk: "Desk") -> None:
    vendor = Vendor(desk)
    articles = await answered(desk, vendor, ["desk"] * 2, CredentialsRefused("it does not take our token"))
    vendor.down["desk"] = DeliveryDeferred("no account 'desk' is configured")
    desk.clock.advance(LONGEST_PAUSE_MS * 2)
    await desk.settle()
    assert await desk.delivery.parking.list() == []
    told = [(await desk.reader.article(article)).delivery for article in articles]
    assert {each.detail for each in told if each} == {"no account 'desk' is configured"}


async def test_a_message_that_is_put_off_just_when_its_account_goes_on_leaves_at_once(desk: "Desk") -> None:
    vendor = Vendor(desk)
    await answered(desk, vendor, ["desk"] * 2, AccountUnavailable("it is not reached", retry_after=120))
    run = desk.engine.run

    async def goes_on_meanwhile(script: Any, *given: Any) -> Any:
        reply = await run(script, *given)
        if script is _BEGIN and reply[0] not in (b"GO", b"DONE"):
            desk.engine.run = run  # type: ignore[method-assign]
            await desk.delivery.parking.unpark("test", "desk", 1)
        return reply

    vendor.down.clear()
    desk.engine.run = goes_on_meanwhile  # type: ignore[method-assign]
    ticket = (await desk.tickets())[0]
    late = await desk.actions.reply(ticket.id, Writing(text="And now?", agent="ada", actor="ada"))
    await desk.settle()
    assert await state_of(desk, late) == "sent"


async def test_a_pause_that_begins_while_others_go_on_holds(desk: "Desk", monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = Vendor(desk)
    await answered(desk, vendor, ["desk"] * PEOPLE, AccountUnavailable("it is not reached"))
    parking, run = desk.delivery.parking, desk.engine.run
    monkeypatch.setattr("trunkline.router.parking.AT_ONCE", 1)
    steps = 0

    async def fails_again(script: Any, *given: Any) -> Any:
        nonlocal steps
        reply = await run(script, *given)
        if script is _UNPARK:
            steps += 1
            if steps == 1:
                await desk.settle()  # the first that is hastened fails
        return reply

    desk.clock.advance(500)
    desk.engine.run = fails_again  # type: ignore[method-assign]
    await parking.unpark("test", "desk", 1)
    desk.engine.run = run  # type: ignore[method-assign]
    assert (await parked(desk)).waiting == PEOPLE


async def test_a_send_that_began_before_a_pause_does_not_end_it(desk: "Desk") -> None:
    vendor = Vendor(desk)
    await answered(desk, vendor, ["desk"] * 2, AccountUnavailable("it is not reached"))
    await desk.delivery.parking.unpark("test", "desk", 0)
    assert (await parked(desk)).waiting == 2


async def test_a_send_that_broke_off_is_asked_for_as_long_whether_its_account_was_parked_or_not(desk: "Desk") -> None:
    vendor = Vendor(desk)
    asked = list[str]()

    async def look_up(outgoing: Outgoing) -> Sent | None:
        asked.append(outgoing.article_id)
        if len(asked) == 1:
            raise DeliveryDeferred("not now")
        return Sent()

    desk.delivery._lookers = {"test": look_up}
    down = DeliveryUnknown("it failed over it: 502", account_waits=True)
    article, *_ = await answered(desk, vendor, ["desk"] * 2, down)
    vendor.down["desk"] = AccountUnavailable("it is not reached", retry_after=ASK_FOR_MS // 500)
    desk.clock.advance(10_000)
    await desk.settle()
    assert asked == []
    vendor.down.clear()
    desk.clock.advance(2 * ASK_FOR_MS + SPREAD_MS)
    await desk.settle()
    assert await state_of(desk, article) == "sending"
    desk.clock.advance(60_000)
    await desk.settle()
    assert await state_of(desk, article) == "sent"


async def test_a_process_does_not_ask_for_what_it_is_still_sending(desk: "Desk") -> None:
    asked, begun, goes_on = list[str](), asyncio.Event(), asyncio.Event()

    async def slow(_: Outgoing) -> Sent:
        begun.set()
        await goes_on.wait()
        return Sent()

    async def look_up(outgoing: Outgoing) -> Sent | None:
        asked.append(outgoing.article_id)
        return None

    await desk.write("my lamp is broken")
    await desk.settle()
    desk.delivery._senders, desk.delivery._lookers = {"test": slow}, {"test": look_up}
    (ticket,) = await desk.tickets()
    article = await desk.actions.reply(ticket.id, Writing(text="Try another bulb.", agent="ada", actor="ada"))
    sends = asyncio.create_task(desk.senders.run_once())
    await begun.wait()
    desk.clock.advance(LEASE_MS + LOOK_UP_MS)
    await desk.settle()
    goes_on.set()
    await sends
    desk.clock.advance(BEHIND_MS)
    await desk.settle()
    assert (await state_of(desk, article), asked) == ("sent", [])
