"""Promises of the configuration: which policy holds, what its calendar counts, and what changes when it changes."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from trunkline.router.clock import TicketClock
from trunkline.router.clock_events import CHANGED, HEADS, OF_CUSTOMER
from trunkline.router.customer_writing import CustomerWriting
from trunkline.router.stored_ticket import StoredTicket
from trunkline.router.ticket_requests import TicketChanges, Writing

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

ZONE = "Europe/Berlin"
HOUR = 3_600_000
ACTOR = "agent:ada"
OFFICE = {"zone": ZONE, "hours": {"monday-friday": ["09:00-12:30", "13:30-18:00"]}}
POLICY = {
    "name": "standard",
    "calendar": "office",
    "targets": {"first_response": {1: "1h", 2: "2h", 3: "4h", 4: "8h"}, "next_response": "2h", "resolution": "16h"},
}


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)


def agree(desk: "Desk", *policies: dict[str, Any], office: dict[str, Any] = OFFICE) -> None:
    desk.configure(SETTINGS | {"calendars": {"office": office}, "sla": list(policies)})


def travel(desk: "Desk", text: str) -> None:
    desk.clock.advance(at(text) - desk.clock.now())


async def clocks(desk: "Desk", number: str = "T-1") -> dict[str, TicketClock]:
    return (await desk.reader.ticket(number)).record.clocks


async def write(desk: "Desk", text: str = "hello", **facts: Any) -> None:
    await desk.write(text, conversation="c1", announces=("c1",), **facts)
    await desk.settle()


async def test_a_weekend_and_a_break_do_not_count(desk: "Desk") -> None:
    agree(desk, POLICY)
    travel(desk, "2027-03-05T16:00")  # a Friday
    await write(desk)
    found = await clocks(desk)
    assert {name: clock.due for name, clock in found.items()} == {
        "first_response": at("2027-03-08T11:00"),
        "assignment": at("2027-03-08T11:00"),
        "resolution": at("2027-03-09T16:00"),
    }
    assert found["first_response"].risk == at("2027-03-08T10:00")
    assert (found["first_response"].policy, found["first_response"].calendar) == ("standard", "office")
    stored = await desk.reader.ticket("T-1")
    assert stored.work.due == at("2027-03-08T11:00")
    assert (stored.work.queue_position or "").split("|")[1] == f"{stored.work.due:016d}"


async def test_pending_stands_in_open_time_and_goes_on_with_what_was_left(desk: "Desk") -> None:
    agree(desk, POLICY)
    travel(desk, "2027-03-08T09:00")
    await write(desk)
    await desk.actions.assign("T-1", "ada", actor=ACTOR, force=True)
    travel(desk, "2027-03-08T10:00")
    await desk.actions.reply("T-1", Writing(text="Which one?", agent="ada", actor=ACTOR, status="pending"))
    await desk.settle()
    stands = (await clocks(desk))["resolution"]
    assert (stands.paused_since, stands.reason) == (at("2027-03-08T10:00"), "pending")
    travel(desk, "2027-03-10T20:00")
    await write(desk, "the red one")
    found = await clocks(desk)
    assert found["resolution"].due == at("2027-03-12T17:00")  # 15 h of the 16 are left, of which Thursday has 8
    assert found["next_response"].due == at("2027-03-11T11:00")


async def test_a_policy_may_let_its_clocks_run_while_we_wait(desk: "Desk") -> None:
    agree(desk, POLICY | {"pause": ["on_hold"]})
    travel(desk, "2027-03-08T09:00")
    await write(desk)
    await desk.actions.assign("T-1", "ada", actor=ACTOR, force=True)
    await desk.actions.reply("T-1", Writing(text="Which one?", agent="ada", actor=ACTOR, status="pending"))
    assert (await clocks(desk))["resolution"].runs
    index = await desk.engine.call("ZRANGE", desk.offers._keys.index, "[due:", "(due;", "BYLEX")
    assert len(index) == 1


async def test_the_first_policy_that_fits_holds_and_the_house_holds_where_none_does(desk: "Desk") -> None:
    vip = {"name": "vip", "when": {"segment": "vip"}, "targets": {"first_response": "10min"}}
    russian = {"name": "ru", "when": {"language": "ru", "queue": "support"}, "targets": {"first_response": "20min"}}
    agree(desk, vip, russian)
    await write(desk, language="ru")
    found = (await clocks(desk))["first_response"]
    assert (found.policy, found.target) == ("ru", HOUR // 3)
    await desk.actions.change("T-1", TicketChanges(queue="billing"), actor=ACTOR)
    found = (await clocks(desk))["first_response"]
    assert (found.policy, found.target) == ("", 4 * HOUR)


async def test_an_answer_that_came_before_the_calendar_was_asked_is_judged_by_it(desk: "Desk") -> None:
    agree(desk, POLICY)
    travel(desk, "2027-03-05T17:00")
    await desk.write("hello", conversation="c1", announces=("c1",))
    await desk.filers.run_once()
    await desk.actions.assign("T-1", "ada", actor=ACTOR, force=True)
    travel(desk, "2027-03-08T09:30")
    await desk.actions.reply("T-1", Writing(text="Hello.", agent="ada", actor=ACTOR))
    assert (await clocks(desk))["first_response"].missed == 1  # by the wall
    await desk.settle()
    found = (await clocks(desk))["first_response"]
    assert (found.met, found.missed, found.missed_by) == (1, 0, None)


async def test_another_calendar_moves_what_is_owed_and_the_history_says_so(desk: "Desk") -> None:
    agree(desk, POLICY)
    await desk.clock_events.announce()
    travel(desk, "2027-03-08T15:00")
    await write(desk)
    assert (await clocks(desk))["first_response"].due == at("2027-03-09T10:00")
    agree(desk, POLICY, office=OFFICE | {"holidays": ["2027-03-09"]})
    await desk.clock_events.announce()
    await desk.settle()
    assert (await clocks(desk))["first_response"].due == at("2027-03-10T10:00")
    key = desk.offers._keys.ticket((await desk.tickets())[0].id)
    history = json.loads(await desk.engine.call("HGET", key, "_history"))
    told = [each for each in history if each["kind"] == "ticket.promised"]
    assert [each["changes"] for each in told] == [
        {"due": [at("2027-03-09T10:00"), at("2027-03-10T10:00")], "reason": CHANGED}
    ]
    lines = len(await desk.lines())
    await desk.clock_events.announce()
    await desk.settle()
    assert len(await desk.lines()) == lines


async def test_a_ticket_that_changes_its_status_while_all_are_reckoned_is_not_missed(desk: "Desk") -> None:
    agree(desk, POLICY | {"pause": []})
    await desk.clock_events.announce()
    travel(desk, "2027-03-08T15:00")
    await write(desk)
    await desk.actions.presence("ada", "available", actor=ACTOR)
    await desk.actions.assign("T-1", "ada", actor=ACTOR, force=True)
    await desk.actions.change("T-1", TicketChanges(status="pending"), actor=ACTOR)
    await desk.settle()
    agree(desk, POLICY | {"pause": []}, office=OFFICE | {"holidays": ["2027-03-09"]})
    await desk.clock_events.announce()
    while (await desk.reader.ticket("T-1")).record.status == "pending":
        ((entry,),) = (await desk.clock_events.queue.claim(desk.clock.now(), lanes=1)).lanes
        event = json.loads(entry.payload)
        if event["event"] == "all" and HEADS[event["head"]] == "status:pending":
            await desk.actions.change("T-1", TicketChanges(status="open"), actor=ACTOR)
        await desk.clock_events.handle(entry)
        await desk.clock_events.queue.finish(entry, desk.clock.now())
    await desk.settle()
    assert (await clocks(desk))["resolution"].due == at("2027-03-11T15:00")


async def test_what_was_reckoned_for_a_clock_that_has_gone_on_is_not_written(desk: "Desk") -> None:
    agree(desk, POLICY)
    travel(desk, "2027-03-08T09:00")
    await write(desk)
    stored = await desk.reader.ticket("T-1")
    first = stored.record.clocks["first_response"]
    plan = {"clocks": {"first_response": {"token": first.token - 1, "target": 1, "due": 2, "risk": 1}}}
    assert not await desk.clock_events._write(stored, plan)
    assert (await clocks(desk))["first_response"] == first


async def test_the_oldest_of_very_many_pauses_count_as_open_time_that_they_had(desk: "Desk") -> None:
    agree(desk, POLICY)
    travel(desk, "2027-03-05T09:00")  # a Friday
    await write(desk)
    await desk.actions.assign("T-1", "ada", actor=ACTOR, force=True)
    for _ in range(35):
        await desk.actions.change("T-1", TicketChanges(status="on_hold"), actor=ACTOR)
        desk.clock.advance(HOUR)
        await desk.actions.change("T-1", TicketChanges(status="open"), actor=ACTOR)
        await desk.settle()
    found = (await clocks(desk))["resolution"]
    # Friday has 8 of these hours and Saturday is closed: what stood then is no open time, so all 16 h are left.
    assert (len(found.pauses), found.rested, found.due) == (30, 4 * HOUR, at("2027-03-09T18:00"))


async def test_a_segment_or_region_that_changes_gives_what_runs_another_target_at_once(desk: "Desk") -> None:
    gold = {"name": "gold", "when": {"segment": "gold"}, "targets": {"first_response": "10min"}}
    agree(desk, gold)
    came = desk.clock.now()
    await write(desk, sender="maria@example.org")
    await write(desk, sender="li@example.org")
    assert (await clocks(desk))["first_response"].policy == ""
    writing = CustomerWriting(desk.engine, desk.clock)
    ticket = (await desk.reader.ticket("T-1")).record
    assert ticket.customer is not None
    await writing.change(ticket.customer, {"segment": "gold"}, actor=ACTOR)
    await desk.settle()
    found = (await clocks(desk))["first_response"]
    assert (found.policy, found.due) == ("gold", came + HOUR // 6)
    key = desk.offers._keys.ticket(ticket.id)
    told = json.loads(await desk.engine.call("HGET", key, "_history"))
    assert told[-1]["changes"]["reason"] == OF_CUSTOMER


async def test_another_calendar_with_the_same_targets_holds_from_the_move_on(desk: "Desk") -> None:
    night = {"zone": ZONE, "hours": {"monday-friday": ["20:00-22:00"]}}
    targets = {"first_response": "4h"}
    day = {"name": "day", "when": {"queue": "support"}, "calendar": "office", "targets": targets}
    late = {"name": "late", "when": {"queue": "billing"}, "calendar": "night", "targets": targets}
    desk.configure(SETTINGS | {"calendars": {"office": OFFICE, "night": night}, "sla": [day, late]})
    travel(desk, "2027-03-08T09:00")
    await write(desk)
    await desk.actions.change("T-1", TicketChanges(queue="billing"), actor=ACTOR)
    await desk.settle()
    found = (await clocks(desk))["first_response"]
    assert (found.policy, found.calendar, found.due) == ("late", "night", at("2027-03-09T22:00"))


async def test_an_agreement_that_was_found_for_another_priority_is_worked_out_again(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(desk, {"name": "slow", "targets": {"first_response": {1: "1h", 2: "2h", 3: "4h", 4: "8h"}}})
    await write(desk)
    agree(desk, {"name": "fast", "targets": {"first_response": {1: "30min", 2: "1h", 3: "3h", 4: "8h"}}})
    through = desk.clock_events._write

    async def raised_meanwhile(stored: StoredTicket, plan: dict[str, Any]) -> bool:
        if stored.record.priority == 3:
            await desk.actions.change("T-1", TicketChanges(priority=1), actor=ACTOR)
        return await through(stored, plan)

    monkeypatch.setattr(desk.clock_events, "_write", raised_meanwhile)
    await desk.clock_events.announce()
    await desk.settle()
    assert (await clocks(desk))["first_response"].target == HOUR // 2
