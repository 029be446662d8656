"""The steps of an escalation are each done once, when their time has come, and what they do is told with its cause."""

import json
from typing import TYPE_CHECKING, Any

from trunkline.queue.clock import ManualClock
from trunkline.queue.worker import Worker
from trunkline.router.clock import TicketClock
from trunkline.router.clock_events import ClockEvents
from trunkline.router.ticket_requests import TicketChanges, Writing

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

MINUTE = 60_000
HOUR = 60 * MINUTE
ACTOR = "agent:ada"
AGENTS: dict[str, Any] = SETTINGS["agents"] | {"ada": SETTINGS["agents"]["ada"] | {"email": "ada@desk.example"}}


def agree(desk: "Desk", *steps: dict[str, Any]) -> None:
    policy = {"name": "all", "targets": {"first_response": {1: "1h", 2: "2h", 3: "4h", 4: "8h"}}, "escalation": steps}
    more = {
        "agents": AGENTS,
        "teams": {"front": {"members": ["ada", "boris"], "leads": ["boris"], "queues": ["support"]}},
        "webhooks": {"oncall": {"url": "https://pager.example/hook"}},
    }
    desk.configure(SETTINGS | more | {"sla": [policy]})


async def opened(desk: "Desk") -> None:
    await desk.actions.presence("ada", "available", actor=ACTOR)
    await desk.write("hello", conversation="c1", announces=("c1",))
    await desk.settle()
    await desk.actions.assign("T-1", "ada", actor=ACTOR, force=True)
    await desk.settle()


async def clock(desk: "Desk") -> TicketClock:
    return (await desk.reader.ticket("T-1")).record.clocks["first_response"]


async def escalated(desk: "Desk") -> list[dict[str, Any]]:
    return [line.data["changes"] for line in await desk.lines() if line.kind == "ticket.escalated"]


async def alerts(desk: "Desk") -> list[dict[str, Any]]:
    entries = await desk.engine.call("HVALS", desk.offers._keys.alerts.keys["entries"])
    return sorted((json.loads(each) for each in entries), key=lambda each: each["address"] or each["webhook"])


async def test_who_has_it_their_lead_and_a_webhook_are_told_in_time_and_once(desk: "Desk") -> None:
    agree(
        desk,
        {"at": "75%", "clock": "first_response", "notify": ["agent", "lead", "duty@example.org"], "webhook": "oncall"},
    )
    await opened(desk)
    assert (await clock(desk)).step_at == (await clock(desk)).began + 3 * HOUR
    desk.clock.advance(3 * HOUR - 1)
    await desk.settle()
    assert await escalated(desk) == []
    desk.clock.advance(1)
    await desk.settle()
    await desk.settle()
    (step,) = await escalated(desk)
    assert step["told"] == ["ada", "boris", "duty@example.org"]
    assert step["reason"] == "first response is due in 1 h 0 min"
    sent = await alerts(desk)
    assert [each["address"] or each["webhook"] for each in sent] == ["ada@desk.example", "duty@example.org", "oncall"]
    assert sent[0]["subject"] == "[T-1] first response is due in 1 h 0 min"
    assert sent[2]["content"]["clock"] == "first_response"
    assert (await clock(desk)).steps == ("1: 75%",)


async def test_it_is_raised_moved_and_asked_of_another(desk: "Desk") -> None:
    agree(
        desk,
        {"before": "2h", "priority": 2},
        {"at": "100%", "queue": "billing", "clock": "first_response"},
        {"after": "1h", "reassign": True, "clock": "first_response"},
    )
    await opened(desk)
    desk.clock.advance(2 * HOUR)
    await desk.settle()
    record = (await desk.reader.ticket("T-1")).record
    # Raised, it has two hours instead of four, so it is due at once and moves as well.
    assert (record.priority, record.queue, record.assignee) == (2, "billing", None)
    assert [each.get("queue") or each.get("priority") for each in await escalated(desk)] == [
        [3, 2],
        ["support", "billing"],
    ]
    await desk.actions.presence("carla", "available", actor=ACTOR)
    await desk.settle()
    await desk.actions.assign("T-1", "carla", actor=ACTOR, force=True)
    desk.clock.advance(HOUR)
    await desk.settle()
    assert (await desk.reader.ticket("T-1")).record.assignee is None
    assert len(await escalated(desk)) == 3


async def test_what_is_answered_or_stands_is_not_escalated_and_goes_on_with_what_was_left(desk: "Desk") -> None:
    agree(desk, {"at": "100%", "priority": 1})
    await opened(desk)
    desk.clock.advance(HOUR)
    await desk.actions.change("T-1", TicketChanges(status="on_hold"), actor=ACTOR)
    await desk.settle()
    desk.clock.advance(10 * HOUR)
    await desk.settle()
    assert await escalated(desk) == []
    await desk.actions.change("T-1", TicketChanges(status="open"), actor=ACTOR)
    await desk.settle()
    desk.clock.advance(3 * HOUR - 1)
    await desk.settle()
    assert await escalated(desk) == []
    await desk.actions.reply("T-1", Writing(text="Hello.", agent="ada", actor=ACTOR))
    desk.clock.advance(HOUR)
    await desk.settle()
    assert await escalated(desk) == []


async def test_a_leap_of_the_clock_does_every_step_that_it_passed_once_and_in_order(desk: "Desk") -> None:
    agree(
        desk,
        {"after": "1h", "notify": ["c@x.test"]},
        {"at": "50%", "notify": ["a@x.test"]},
        {"at": "100%", "notify": ["b@x.test"]},
    )
    await opened(desk)
    desk.clock.advance(48 * HOUR)
    others = [ClockEvents(desk.engine, desk.clock, policy=lambda: desk.policy) for _ in range(3)]
    workers = [Worker(each.queue, desk.clock, each.handle) for each in others]
    for worker in workers:
        await worker.run_once()
        await worker.drain()
    await desk.settle()
    assert [each["told"] for each in await escalated(desk)] == [["a@x.test"], ["b@x.test"], ["c@x.test"]]
    assert len(await alerts(desk)) == 3


async def test_the_next_message_begins_the_ladder_anew(desk: "Desk") -> None:
    agree(desk, {"at": "100%", "clock": "next_response", "notify": ["agent"]})
    await opened(desk)
    for times in (1, 2):
        await desk.actions.reply("T-1", Writing(text="Hello.", agent="ada", actor=ACTOR))
        await desk.write("and now?", conversation="c1")
        await desk.settle()
        desk.clock.advance(4 * HOUR)
        await desk.settle()
        assert len(await escalated(desk)) == times


async def test_a_process_whose_clock_is_behind_leaves_the_step_for_its_time(desk: "Desk") -> None:
    agree(desk, {"at": "75%", "clock": "first_response", "notify": ["agent"]})
    await opened(desk)
    desk.clock.advance(3 * HOUR)
    behind = ClockEvents(desk.engine, ManualClock(desk.clock.now() - 5), policy=lambda: desk.policy)
    batch = await behind.queue.claim(desk.clock.now(), lanes=9)
    (entry,) = [entry for lane in batch.lanes for entry in lane]
    await behind.handle(entry)
    await behind.queue.finish(entry, desk.clock.now())
    await desk.settle()
    assert (await clock(desk)).steps == ("1: 75%",)
