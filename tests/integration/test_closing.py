"""What stays solved for long enough is closed by the router, and nothing else is."""

from typing import TYPE_CHECKING, Any

import pytest

from trunkline.desk.views.happenings import happenings
from trunkline.router.cases import Cases
from trunkline.router.closing import Closing
from trunkline.router.records import Status, Ticket
from trunkline.router.ticket_requests import TicketChanges

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

DAY = 86_400_000


def closing_after(desk: "Desk", **queues: str) -> None:
    made: dict[str, Any] = {"support": {"fallback": True}, "billing": {}}
    for name, after in queues.items():
        made[name]["close_after"] = after
    desk.configure(SETTINGS | {"queues": made})


async def run(desk: "Desk") -> int:
    return await Closing(desk.engine, desk.clock, policy=lambda: desk.policy).run_once()


async def made(desk: "Desk", status: Status = "solved", text: str = "lamp") -> Ticket:
    await desk.write(text, conversation=text)
    await desk.settle()
    ticket = (await desk.tickets())[-1]
    await change(desk, ticket, status=status)
    return await now(desk, ticket)


async def change(desk: "Desk", ticket: Ticket, **changes: Any) -> None:
    await desk.actions.change(ticket.id, TicketChanges(**changes), actor="agent:ada")


async def now(desk: "Desk", ticket: Ticket) -> Ticket:
    return (await desk.reader.ticket(ticket.id)).record


async def test_it_is_closed_when_its_time_is_over_and_the_history_says_who_did_it(desk: "Desk") -> None:
    closing_after(desk, support="3d")
    ticket = await made(desk)
    desk.clock.advance(3 * DAY - 1)
    assert await run(desk) == 0
    desk.clock.advance(1)
    assert [await run(desk), await run(desk)] == [1, 0]
    stored = await desk.reader.ticket(ticket.id)
    assert (stored.record.status, stored.record.resolution) == ("closed", "resolved")
    assert happenings(stored.work.history, {})[-1].words == "Closed by the router: solved for 3d"
    assert (await desk.lines())[-1].kind == "ticket.closed"


@pytest.mark.parametrize("status", ["open", "pending", "on_hold"])
async def test_nothing_else_is_closed(desk: "Desk", status: Status) -> None:
    closing_after(desk, support="1d")
    ticket = await made(desk, status)
    desk.clock.advance(100 * DAY)
    assert await run(desk) == 0
    assert (await now(desk, ticket)).status == status


async def test_what_was_opened_and_solved_again_begins_anew(desk: "Desk") -> None:
    closing_after(desk, support="2d")
    ticket = await made(desk)
    desk.clock.advance(DAY)
    await change(desk, ticket, status="open")
    await change(desk, ticket, status="solved")
    desk.clock.advance(2 * DAY - 1)
    assert await run(desk) == 0
    desk.clock.advance(1)
    assert await run(desk) == 1


async def test_a_ticket_that_was_solved_anew_since_it_was_found_is_left(desk: "Desk") -> None:
    closing_after(desk, support="2d")
    ticket = await made(desk)
    closing = Closing(desk.engine, desk.clock, policy=lambda: desk.policy)
    solved_at = (await desk.reader.ticket(ticket.id)).work.solved_at or 0
    desk.clock.advance(2 * DAY)
    await change(desk, ticket, status="open")
    await change(desk, ticket, status="solved")
    assert not await closing._close(ticket.id, solved_at, "found before")
    assert (await now(desk, ticket)).status == "solved"


async def test_another_setting_holds_for_what_is_solved_already(desk: "Desk") -> None:
    closing_after(desk, support="0s")
    ticket = await made(desk)
    desk.clock.advance(400 * DAY)
    assert await run(desk) == 0
    closing_after(desk, support="399d")
    assert await run(desk) == 1
    assert (await now(desk, ticket)).status == "closed"


async def test_each_queue_has_its_own_time_and_one_that_is_gone_has_the_usual_one(desk: "Desk") -> None:
    closing_after(desk, support="2d", billing="1d")
    first, second = await made(desk, text="lamp"), await made(desk, text="bill")
    await change(desk, second, queue="billing")
    desk.clock.advance(DAY)
    assert await run(desk) == 1
    assert [(await now(desk, each)).status for each in (first, second)] == ["solved", "closed"]
    desk.configure(SETTINGS | {"queues": {"billing": {"fallback": True}}, "agents": {}})
    desk.clock.advance(5 * DAY)
    assert await run(desk) == 0
    desk.clock.advance(DAY)
    assert await run(desk) == 1


async def test_a_merged_one_stays_as_it_is_and_what_stands_for_it_is_closed(desk: "Desk") -> None:
    closing_after(desk, support="1d")
    first, second = await made(desk, text="lamp"), await made(desk, text="cup")
    await Cases(desk.engine, desk.clock).merge(second.id, first.id, actor="agent:ada")
    desk.clock.advance(DAY)
    assert await run(desk) == 1
    assert (await now(desk, second)).resolution == "merged"
    assert (await now(desk, first)).status == "closed"
