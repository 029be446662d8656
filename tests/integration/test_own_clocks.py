"""Clocks by names of the desk's own are begun and stopped by people, systems, rules and triggers."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict, NotFound
from trunkline.desk.views.happenings import event_of, sentence
from trunkline.router.clock import TicketClock
from trunkline.router.promises import promise_of
from trunkline.router.ticket_requests import TicketChanges

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk


def moment(text: str) -> int:
    """Of the clock of UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


MINUTE, HOUR = 60_000, 3_600_000
ACTOR = "agent:ada"
POLICY: dict[str, Any] = {
    "name": "standard",
    "targets": {"first_response": "8h", "delivery": {1: "30min", 2: "1h", 3: "2h", 4: "4h"}},
}


async def opened(desk: "Desk", *policies: dict[str, Any], **settings: Any) -> None:
    desk.configure(SETTINGS | {"sla": list(policies or (POLICY,))} | settings)
    await desk.write("hello", conversation="c1", announces=("c1",))
    await desk.settle()
    await desk.actions.assign("T-1", "ada", actor=ACTOR, force=True)


async def change(desk: "Desk", **what: Any) -> int:
    ticket = (await desk.reader.ticket("T-1")).record.id
    changed = await desk.actions.own_clocks.change(ticket, actor=ACTOR, **what)
    await desk.settle()
    return changed


async def delivery(desk: "Desk") -> TicketClock:
    return (await desk.reader.ticket("T-1")).record.clocks["delivery"]


async def test_it_has_the_target_of_its_policy_and_is_met_when_it_is_stopped_in_time(desk: "Desk") -> None:
    await opened(desk)
    began = desk.clock.now()
    assert await change(desk, start=["delivery"]) == 1
    assert await change(desk, start=["delivery"]) == 0
    clock = await delivery(desk)
    assert (clock.began, clock.due, clock.policy) == (began, began + 2 * HOUR, "standard")
    promise = promise_of(await desk.reader.ticket("T-1"))
    assert promise is not None
    assert promise.kind == "delivery"
    desk.clock.advance(HOUR)
    assert await change(desk, stop=["delivery"]) == 1
    assert await change(desk, stop=["delivery"]) == 0
    clock = await delivery(desk)
    assert (clock.stopped, clock.met, clock.missed) == (desk.clock.now(), 1, 0)
    told = [sentence(event_of(line), {"ada": "Ada"}) for line in await desk.lines() if "clock_st" in line.kind]
    assert told == ["Clock begun (delivery) by Ada", "Clock stopped (delivery) by Ada"]


async def test_stopped_too_late_it_is_missed_and_begun_again_it_counts_on(desk: "Desk") -> None:
    await opened(desk)
    await change(desk, start=["delivery"])
    desk.clock.advance(2 * HOUR + MINUTE)
    await change(desk, stop=["delivery"])
    assert ((await delivery(desk)).missed, (await delivery(desk)).missed_by) == (1, MINUTE)
    await change(desk, start=["delivery"])
    clock = await delivery(desk)
    assert (clock.runs, clock.began, clock.missed, clock.missed_by) == (True, desk.clock.now(), 1, None)


async def test_it_stands_with_the_ticket_and_ends_and_goes_on_with_it(desk: "Desk") -> None:
    await opened(desk)
    began = desk.clock.now()
    await change(desk, start=["delivery"])
    await desk.actions.change("T-1", TicketChanges(status="pending"), actor=ACTOR)
    assert (await delivery(desk)).reason == "pending"
    desk.clock.advance(HOUR)
    await desk.actions.change("T-1", TicketChanges(status="solved"), actor=ACTOR)
    assert ((await delivery(desk)).ended, (await delivery(desk)).met) == (True, 0)
    desk.clock.advance(HOUR)
    with pytest.raises(Conflict, match="T-1 is solved"):
        await change(desk, start=["delivery"])
    await desk.actions.change("T-1", TicketChanges(status="open"), actor=ACTOR)
    clock = await delivery(desk)
    assert (clock.runs, clock.ended, clock.due) == (True, False, began + 4 * HOUR)


async def test_another_priority_gives_it_another_target_unless_its_own_was_said(desk: "Desk") -> None:
    await opened(desk)
    began = desk.clock.now()
    await change(desk, start=["delivery"])
    await change(desk, start=["call_back"], target=5 * MINUTE)
    await desk.actions.change("T-1", TicketChanges(priority=1), actor=ACTOR)
    await desk.clock_events.reckon((await desk.tickets())[0].id)
    clocks = (await desk.reader.ticket("T-1")).record.clocks
    assert clocks["delivery"].due == began + 30 * MINUTE
    assert clocks["call_back"].due == began + 5 * MINUTE


async def test_its_calendar_counts(desk: "Desk") -> None:
    office = {"zone": "UTC", "hours": {"monday-sunday": ["00:00-24:00"]}, "holidays": ["2027-01-04"]}
    await opened(desk, POLICY | {"calendar": "office"}, calendars={"office": office})
    await change(desk, start=["delivery"])
    clock = await delivery(desk)
    assert (clock.reckoned, clock.calendar) == (True, "office")


async def test_another_queue_with_another_calendar_counts_by_that_one(desk: "Desk") -> None:
    always = {"zone": "UTC", "hours": {"monday-sunday": ["00:00-24:00"]}}
    never = always | {"holidays": ["2027-01-04", "2027-01-05", "2027-01-06"]}
    policies = [
        {"name": queue, "calendar": calendar, "when": {"queue": queue}, "targets": {"delivery": "2h"}}
        for queue, calendar in (("support", "always"), ("billing", "never"))
    ]
    desk.clock.advance(moment("2027-01-04T08:00") - desk.clock.now())
    await opened(desk, *policies, calendars={"always": always, "never": never})
    await change(desk, start=["delivery"])
    await change(desk, start=["call_back"], target=5 * MINUTE)
    assert (await delivery(desk)).due == moment("2027-01-04T10:00")
    await desk.actions.change("T-1", TicketChanges(queue="billing"), actor=ACTOR)
    await desk.settle()
    clocks = (await desk.reader.ticket("T-1")).record.clocks
    assert {name: (clocks[name].calendar, clocks[name].due) for name in ("delivery", "call_back")} == {
        "delivery": ("never", moment("2027-01-07T02:00")),
        "call_back": ("never", moment("2027-01-07T00:05")),
    }


async def test_what_cannot_be_is_refused_and_nothing_is_changed(desk: "Desk") -> None:
    await opened(desk)
    before = (await desk.reader.ticket("T-1")).record.revision
    with pytest.raises(Conflict, match="no policy that holds for T-1 has a target for the clock parcel"):
        await change(desk, start=["delivery", "parcel"])
    with pytest.raises(Conflict, match="follows the ticket"):
        await change(desk, stop=["first_response"])
    with pytest.raises(NotFound, match="no clock parcel"):
        await change(desk, start=["delivery"], stop=["parcel"])
    await change(desk, start=[f"c{number}" for number in range(20)], target=HOUR)
    with pytest.raises(Conflict, match="20 clocks"):
        await change(desk, start=["delivery"])
    assert (await desk.reader.ticket("T-1")).record.revision == before + 20


async def test_a_rule_begins_one_with_the_ticket(desk: "Desk") -> None:
    rule = {"name": "parcels", "when": {"keywords": ["hello"]}, "then": {"clocks": {"start": ["delivery"]}}}
    await opened(desk, rules=[rule])
    clock, ticket = await delivery(desk), (await desk.tickets())[0]
    assert (clock.runs, clock.began, clock.target) == (True, ticket.created_at, 2 * HOUR)
