"""The clocks of a ticket begin, stand, go on and stop with what happens to it, and keep what became of them."""

import json
from typing import TYPE_CHECKING

from trunkline.router.cases import Cases
from trunkline.router.clock import TicketClock
from trunkline.router.due_tickets import DueTickets
from trunkline.router.promises import promise_of
from trunkline.router.reader import TicketFilter
from trunkline.router.stored_format import convert_records
from trunkline.router.targets import target_ms
from trunkline.router.ticket_requests import TicketChanges, Writing

if TYPE_CHECKING:
    from .conftest import Desk

MINUTE = 60_000
TARGET = target_ms(3, live=False)
ACTOR = "agent:ada"


async def clocks(desk: "Desk", number: str = "T-1") -> dict[str, TicketClock]:
    return (await desk.reader.ticket(number)).record.clocks


async def running(desk: "Desk", number: str = "T-1") -> set[str]:
    return {name for name, clock in (await clocks(desk, number)).items() if clock.runs}


async def opened(desk: "Desk") -> int:
    """A ticket that Ada has; returns when its message came."""
    came = desk.clock.now()
    await desk.write("hello", conversation="c1", announces=("c1",))
    await desk.settle()
    await desk.actions.assign("T-1", "ada", actor=ACTOR, force=True)
    return came


async def answers(desk: "Desk", status: str | None = None) -> None:
    await desk.actions.reply("T-1", Writing(text="Hello.", agent="ada", actor=ACTOR, status=status))  # type: ignore[arg-type]


async def test_a_message_owes_an_agent_and_a_first_response(desk: "Desk") -> None:
    came = desk.clock.now()
    await desk.write("hello")
    await desk.settle()
    found = await clocks(desk)
    assert found.keys() == {"first_response", "assignment"}
    assert {(each.began, each.due, each.risk) for each in found.values()} == {
        (came, came + TARGET, came + TARGET - TARGET // 4)
    }
    promise = promise_of(await desk.reader.ticket("T-1"))
    assert promise is not None
    assert promise.kind == "first_response"


async def test_an_answer_in_time_meets_the_first_and_the_next_message_owes_the_next(desk: "Desk") -> None:
    await opened(desk)
    assert (await clocks(desk))["assignment"].met == 1
    desk.clock.advance(TARGET)
    await answers(desk)
    first = (await clocks(desk))["first_response"]
    assert (first.stopped, first.met, first.missed) == (desk.clock.now(), 1, 0)
    assert await running(desk) == set()
    desk.clock.advance(MINUTE)
    wrote = desk.clock.now()
    await desk.write("and now?", conversation="c1")
    await desk.settle()
    found = (await clocks(desk))["next_response"]
    assert (found.began, found.due) == (wrote, wrote + TARGET)
    desk.clock.advance(TARGET + 7)
    await answers(desk)
    found = (await clocks(desk))["next_response"]
    assert (found.met, found.missed, found.missed_by) == (0, 1, 7)
    await desk.write("once more", conversation="c1")
    await desk.settle()
    await answers(desk)
    found = (await clocks(desk))["next_response"]
    assert (found.met, found.missed, found.missed_by) == (1, 1, None)


async def test_on_hold_the_clock_stands_with_the_reason_and_goes_on_with_what_was_left(desk: "Desk") -> None:
    came = await opened(desk)
    desk.clock.advance(MINUTE)
    held = desk.clock.now()
    await desk.actions.change("T-1", TicketChanges(status="on_hold"), actor=ACTOR)
    stands = (await clocks(desk))["first_response"]
    assert (stands.paused_since, stands.reason) == (held, "on_hold")
    assert promise_of(await desk.reader.ticket("T-1")) is None
    desk.clock.advance(3 * TARGET)
    await desk.actions.change("T-1", TicketChanges(status="open"), actor=ACTOR)
    goes_on = (await clocks(desk))["first_response"]
    assert (goes_on.pauses, goes_on.reason) == (((held, held + 3 * TARGET),), "")
    assert (goes_on.due, goes_on.paused_total(desk.clock.now())) == (came + 4 * TARGET, 3 * TARGET)
    assert goes_on.token > stands.token


async def test_what_is_solved_without_an_answer_is_neither_met_nor_missed_and_goes_on_when_it_is_opened(
    desk: "Desk",
) -> None:
    came = await opened(desk)
    await desk.actions.change("T-1", TicketChanges(status="solved"), actor=ACTOR)
    first = (await clocks(desk))["first_response"]
    assert (first.ended, first.met, first.missed) == (True, 0, 0)
    desk.clock.advance(MINUTE)
    await desk.actions.change("T-1", TicketChanges(status="open"), actor=ACTOR)
    first = (await clocks(desk))["first_response"]
    assert (first.stopped, first.ended, first.due) == (None, False, came + TARGET + MINUTE)


async def test_another_queue_or_priority_counts_from_the_beginning(desk: "Desk") -> None:
    came = await opened(desk)
    desk.clock.advance(MINUTE)
    await desk.actions.change("T-1", TicketChanges(queue="billing"), actor=ACTOR)
    assert (await clocks(desk))["first_response"].due == came + TARGET
    await desk.actions.change("T-1", TicketChanges(priority=1), actor=ACTOR)
    found = await desk.reader.ticket("T-1")
    assert found.record.clocks["first_response"].due == came + target_ms(1, live=False)
    assert (found.work.due, found.work.target_ms) == (came + target_ms(1, live=False), target_ms(1, live=False))
    assert (found.work.queue_position or "").split("|")[1] == f"{found.work.due:016d}"


async def test_a_case_owes_what_the_first_of_its_tickets_owes_until_they_part(desk: "Desk") -> None:
    await desk.write("one", conversation="c1", announces=("c1",))
    await desk.settle()
    desk.clock.advance(MINUTE)
    await desk.write("two", conversation="c2", announces=("c2",), sender="li@example.org")
    await desk.settle()
    own = await clocks(desk, "T-2")
    parted = (await clocks(desk, "T-1"))["first_response"]
    cases = Cases(desk.engine, desk.clock)
    await cases.merge("T-1", "T-2", actor=ACTOR)
    owed = (await clocks(desk, "T-2"))["first_response"]
    assert (owed.due, owed.of) == (parted.due, (await desk.reader.ticket("T-1")).record.id)
    assert promise_of(await desk.reader.ticket("T-1")) is None
    await cases.unmerge("T-1", actor=ACTOR)
    assert (await clocks(desk, "T-2"))["first_response"] == own["first_response"]
    assert (await clocks(desk, "T-1"))["first_response"] == parted


async def test_tickets_of_the_format_before_owe_what_they_owed(desk: "Desk") -> None:
    await opened(desk)
    key = desk.offers._keys.ticket((await desk.tickets())[0].id)
    owed, index = (await clocks(desk))["first_response"], desk.offers._keys.index
    members = await desk.engine.call("ZRANGE", index, 0, -1)
    await desk.engine.call("HDEL", key, "clocks", "_sla")
    await desk.engine.call("SET", desk.engine.keys("format"), 6)
    for _ in range(2):
        await convert_records(desk.engine, desk.blobs)
        found = (await clocks(desk))["first_response"]
        assert (found.began, found.due, found.risk) == (owed.began, owed.due, owed.risk)
        assert await desk.engine.call("ZRANGE", index, 0, -1) == members
        await desk.engine.call("SET", desk.engine.keys("format"), 6)
    assert json.loads(await desk.engine.call("HGET", key, "_sla"))["targets"]["next_response"] == TARGET


async def test_what_is_due_first_is_listed_first_over_queues_and_pages(desk: "Desk") -> None:
    for number, text in enumerate(("hello", "a refund", "hello again", "another refund"), 1):
        await desk.write(text, sender=f"a{number}@example.org")
        await desk.settle()
        desk.clock.advance(MINUTE)
    await desk.actions.change("T-3", TicketChanges(priority=1), actor=ACTOR)
    await desk.actions.change("T-4", TicketChanges(status="pending"), actor=ACTOR)
    due = DueTickets(desk.engine, desk.reader)
    page = await due.page(TicketFilter(), limit=2)
    assert [each.number for each in page.items] == ["T-3", "T-1"]
    page = await due.page(TicketFilter(), limit=2, after=page.next)
    assert ([each.number for each in page.items], page.next) == (["T-2"], None)
    soon = await due.page(TicketFilter(), before=(await clocks(desk, "T-1"))["first_response"].due)
    assert [each.number for each in soon.items] == ["T-3"]
    assert [each.number for each in (await due.page(TicketFilter(queue="billing"))).items] == ["T-2"]


async def test_thirty_pauses_are_kept_and_none_is_counted_as_running(desk: "Desk") -> None:
    came = await opened(desk)
    for _ in range(33):
        await desk.actions.change("T-1", TicketChanges(status="on_hold"), actor=ACTOR)
        desk.clock.advance(MINUTE)
        await desk.actions.change("T-1", TicketChanges(status="open"), actor=ACTOR)
    found = (await clocks(desk))["first_response"]
    assert (len(found.pauses), found.rested, found.due) == (30, 3 * MINUTE, came + TARGET + 33 * MINUTE)
    assert found.paused_total(desk.clock.now()) == 33 * MINUTE
