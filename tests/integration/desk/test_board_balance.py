"""Intake balances at every moment, and what is missing is told."""

import asyncio
import itertools
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict, NotFound
from trunkline.desk.board.balance import Balance
from trunkline.queue.work import WorkQueue
from trunkline.router.ticket_requests import Writing

from .conftest import board_service

if TYPE_CHECKING:
    from ..conftest import Desk


async def balance(desk: "Desk") -> Balance:
    """The balance as it is now."""
    return (await board_service(desk).see()).board.balance


async def entry_of(desk: "Desk", channel: str) -> dict[str, Any]:
    """The balance of one channel."""
    found = {row.channel: row for row in (await balance(desk)).channels}
    return found[channel].model_dump()


async def test_a_desk_without_messages_has_a_balance_of_zeros(desk: "Desk") -> None:
    empty = await balance(desk)
    assert empty.even
    assert empty.channels == ()
    assert empty.oldest_at is None


async def test_a_message_is_received_and_stored_before_it_is_filed(desk: "Desk") -> None:
    at = desk.clock.now()
    await desk.write("one")
    desk.clock.advance(5_000)
    await desk.write("again", external_id="m-again", sender="other@example.org")
    await desk.write("again", external_id="m-again", sender="other@example.org")
    row = await entry_of(desk, "test")
    assert (row["received"], row["stored"], row["in_progress"], row["filed"]) == (2, 2, 2, 0)
    assert (row["oldest_at"], row["last_at"]) == (at, at + 5_000)
    await desk.settle()
    row = await entry_of(desk, "test")
    assert (row["received"], row["stored"], row["in_progress"], row["filed"]) == (2, 2, 0, 2)
    assert row["oldest_at"] is None


async def test_a_change_counts_while_it_waits_for_its_message_and_as_a_receipt_once_it_is_applied(desk: "Desk") -> None:
    await desk.write("new", external_id="e", message_kind="edit", amends="m", conversation="test:1")
    await desk.settle()
    row = await entry_of(desk, "test")
    assert (row["in_progress"], row["oldest_at"], (await balance(desk)).even) == (1, None, True)
    await desk.write("old", external_id="m", conversation="test:1")
    await desk.settle()
    row = await entry_of(desk, "test")
    assert (row["in_progress"], row["filed"], row["receipts"], (await balance(desk)).even) == (0, 1, 1, True)


async def test_each_channel_has_its_own_balance(desk: "Desk") -> None:
    await desk.write("mail", channel="mail")
    await desk.write("test", lane="test:x")
    await desk.write("test", lane="mail:x", external_id="odd")
    assert (await entry_of(desk, "mail"))["received"] == 1
    assert (await entry_of(desk, "test"))["in_progress"] == 2


async def test_suspended_released_and_dropped_messages_stay_in_the_balance(desk: "Desk") -> None:
    for number in range(3):
        await desk.write("odd", sender=f"s{number}@example.org", suspend="it looks odd")
    await desk.settle()
    row = await entry_of(desk, "test")
    assert (row["stored"], row["suspended"], row["filed"], row["difference"]) == (3, 3, 0, 0)
    first, second, _ = await desk.intake_handler.suspended.list()
    await desk.intake_handler.suspended.release(first.id)
    await desk.intake_handler.suspended.drop(second.id, desk.clock.now())
    with pytest.raises(NotFound):
        await desk.intake_handler.suspended.drop(second.id, desk.clock.now())
    await desk.settle()
    row = await entry_of(desk, "test")
    assert (row["stored"], row["suspended"], row["filed"], row["dropped"]) == (3, 1, 1, 1)
    assert (await balance(desk)).even


async def test_receipts_stand_apart_from_messages_and_are_counted_once(desk: "Desk") -> None:
    await desk.write("hello", conversation="c1", announces=("c1",))
    await desk.settle()
    await desk.actions.accept("T-1", "ada", actor="agent:ada")
    article = await desk.actions.reply("T-1", Writing(text="Hello.", agent="ada", actor="agent:ada"))
    await desk.settle()
    reference = (await desk.reader.article(article)).external_id
    for state in ("delivered", "read"):
        await desk.write(state, conversation="c1", receipts={reference: state})
    row = await entry_of(desk, "test")
    assert (row["received"], row["in_progress"], row["receipts"], row["difference"]) == (3, 2, 0, 0)
    await desk.settle()
    row = await entry_of(desk, "test")
    assert (row["received"], row["stored"], row["filed"], row["receipts"]) == (3, 3, 1, 2)
    assert (await balance(desk)).even


async def test_a_receipt_for_nothing_of_ours_is_suspended_and_after_its_release_a_receipt(desk: "Desk") -> None:
    await desk.write("read", receipts={"nothing of ours": "read"})
    await desk.settle()
    row = await entry_of(desk, "test")
    assert (row["filed"], row["receipts"], row["suspended"]) == (0, 0, 1)
    (message,) = await desk.intake_handler.suspended.list()
    await desk.intake_handler.suspended.release(message.id)
    await desk.settle()
    row = await entry_of(desk, "test")
    assert (row["received"], row["filed"], row["receipts"], row["suspended"]) == (1, 0, 1, 0)
    assert (await balance(desk)).even


async def test_dead_retried_and_dropped_messages_stay_in_the_balance(desk: "Desk") -> None:
    for number in range(3):
        await desk.write("coo", channel="pigeon", sender=f"p{number}@example.org")
    await desk.settle()
    row = await entry_of(desk, "pigeon")
    assert (row["stored"], row["dead"], row["in_progress"], row["difference"]) == (3, 3, 0, 0)
    queue = desk.intake.queue
    first, second, _ = await queue.dead()
    await queue.redrive(first.sequence, "retry")
    assert (await entry_of(desk, "pigeon"))["in_progress"] == 1
    await queue.redrive(second.sequence, "drop")
    await desk.settle()
    row = await entry_of(desk, "pigeon")
    assert (row["stored"], row["dead"], row["dropped"], row["in_progress"]) == (3, 2, 1, 0)
    assert (await balance(desk)).even


async def test_a_lost_entry_is_told_with_its_channel_and_how_many(desk: "Desk") -> None:
    for number in range(3):
        await desk.write("hello", sender=f"l{number}@example.org")
    keys = desk.intake.queue.keys
    (member,) = await desk.engine.call("ZRANGE", keys["order"], 0, 0)
    await desk.engine.call("ZREM", keys["order"], member)
    await desk.engine.call("HDEL", keys["entries"], int(member[-16:]))
    found = await balance(desk)
    assert not found.even
    assert [row.difference for row in found.channels] == [1]
    assert found.entries_missing == 1
    verdict = (await board_service(desk).see()).board.verdict
    assert (verdict.level, verdict.sentence) == (
        "bad",
        "Intake does not balance: 1 message of test missing",
    )


@pytest.mark.parametrize("what", ["dead", "suspended"])
async def test_a_dead_or_suspended_message_that_vanishes_is_told(desk: "Desk", what: str) -> None:
    await desk.write(
        "odd", suspend="odd" if what == "suspended" else "", channel="test" if what == "suspended" else "p"
    )
    await desk.settle()
    key = desk.engine.keys("suspended") if what == "suspended" else desk.intake.queue.settling["dead"]
    await desk.engine.call("DEL", key)
    found = await balance(desk)
    assert not found.even
    assert (found.suspended_missing, found.dead_missing) == (int(what == "suspended"), int(what == "dead"))


async def test_intake_balances_at_every_moment_of_a_busy_desk(desk: "Desk") -> None:
    random.seed(7)
    await desk.write("hello", sender="first@example.org")
    await desk.settle()
    article = await desk.actions.reply("T-1", Writing(text="Hello.", agent="ada", actor="test"))
    await desk.settle()
    ours = (await desk.reader.article(article)).external_id
    busy, looks, numbers = True, 0, itertools.count()

    async def write() -> None:
        for number in range(120):
            facts: dict[str, Any] = random.choice(
                [
                    *({}, {}, {"channel": "mail"}, {"suspend": "odd"}, {"channel": "pigeon"}, {"external_id": "twice"}),
                    *({"receipts": {ours: "read"}}, {"receipts": {"nothing of ours": "read"}}),
                ]
            )
            with suppress(Conflict):  # another text under the same id
                await desk.write(f"line {number % 2}", sender=f"b{next(numbers)}@example.org", **facts)

    async def decide() -> None:
        while busy:
            for message in list(await desk.intake_handler.suspended.list(limit=3))[:2]:
                if random.choice([True, False]):
                    await desk.intake_handler.suspended.release(message.id)
                else:
                    await desk.intake_handler.suspended.drop(message.id, desk.clock.now())
            for letter in await desk.intake.queue.dead(limit=2):
                await desk.intake.queue.redrive(letter.sequence, random.choice(["drop", "retry"]))
            await asyncio.sleep(0)

    async def look() -> None:
        nonlocal looks
        board = board_service(desk)
        while busy:
            found = (await board.see()).board.balance
            assert found.even, found
            looks += 1

    async def file() -> None:
        while busy:
            await desk.filers.run_once()

    async def write_all() -> None:
        nonlocal busy
        try:
            await asyncio.gather(write(), write(), write())
            await desk.filers.drain()
        finally:
            busy = False

    await asyncio.gather(write_all(), decide(), look(), file(), look())
    await desk.settle()
    found = await balance(desk)
    assert looks > 10
    assert found.even
    total = {
        name: sum(getattr(row, name) for row in found.channels)
        for name in ("received", "filed", "receipts", "in_progress")
    }
    assert total["received"] == int(await desk.engine.call("HLEN", desk.engine.keys("dedup", "raw"))) > 300
    assert total["in_progress"] == 0
    assert total["receipts"] > 20
    assert (
        total["filed"]
        == len(await desk.tickets())
        == sum(line.kind == "message.received" for line in await desk.lines())
    )


async def test_an_entry_that_is_finished_twice_is_counted_once(desk: "Desk") -> None:
    queue, now = WorkQueue(desk.engine, "trial"), desk.clock.now()
    sequence = await queue.push("kind:lane", b"{}")
    ((entry,),) = (await queue.claim(now, lanes=1)).lanes
    assert await queue.finish(entry, now)
    await queue.finish(entry, now)
    counted = await desk.engine.call("HMGET", queue.keys["state"], "in:kind", "done:kind", "kinds")
    assert (sequence, counted) == (1, [b"1", b"1", b"kind\n"])
