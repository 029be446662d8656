"""The end of a shift: nothing is offered before it, then its agent is offline; `absent` says what becomes of work."""

from typing import TYPE_CHECKING, Any

import pytest

from trunkline.router.records import AgentState, Ticket

if TYPE_CHECKING:
    from .conftest import Desk

MINUTE = 60_000
HOUR = 60 * MINUTE
CALENDARS = {  # the clock of the tests begins on a Friday at 08:00 UTC
    "early": {"zone": "UTC", "hours": {"monday-sunday": ["06:00-10:00"]}},
    "manila": {"zone": "Asia/Manila", "hours": {"monday-sunday": ["17:30-23:00"]}},  # from 09:30 to 15:00 UTC
}


def settings(*shifts: str, **more: Any) -> dict[str, Any]:
    agents = {name: {"name": name.title(), "queues": ["support"], "languages": ["en"]} for name in ("ada", "boris")}
    agents["ada"]["shifts"] = list(shifts)
    return {"queues": {"support": {"fallback": True}}, "agents": agents, "calendars": CALENDARS, **more}


async def on_duty(desk: "Desk", *shifts: str, **more: Any) -> None:
    desk.configure(settings(*shifts, **more))
    await desk.start()
    await desk.actions.presence("ada", "available", actor="agent:ada")
    await desk.settle()


async def later(desk: "Desk", time: int) -> AgentState:
    """How ada is then."""
    while (left := time - desk.clock.now()) > 0:
        desk.clock.advance(min(left, MINUTE))
        await desk.settle()
    return await desk.agents.one(desk.policy.settings, "ada")


async def arrive(desk: "Desk", name: str, channel: str = "mail") -> Ticket:
    await desk.write(f"hello {name}", sender=f"{name}@example.org", channel=channel)
    await desk.settle()
    return (await desk.tickets())[-1]


async def test_nothing_is_offered_in_the_last_minutes_and_then_the_agent_is_offline(desk: "Desk") -> None:
    begin = desk.clock.now()
    await on_duty(desk, "early")
    state = await later(desk, begin + 2 * HOUR - 10 * MINUTE)
    assert (state.closes_at, state.shift_ends) == (begin + 110 * MINUTE, begin + 120 * MINUTE)
    assert (await arrive(desk, "late")).offer is None
    state = await later(desk, begin + 2 * HOUR)
    assert (state.presence, state.presence_by, state.presence_reason) == ("offline", "router", "their shift is over")
    assert state.shift_ends == begin + 26 * HOUR


async def test_a_letter_in_hand_goes_back_as_its_queue_says_of_the_absent(desk: "Desk") -> None:
    begin = desk.clock.now()
    queues = {"support": {"fallback": True, "absent": {"letters": {"policy": "hand_over", "after": "5min"}}}}
    await on_duty(desk, "early", queues=queues)
    letter = await arrive(desk, "letter")
    await desk.actions.accept(letter.id, "ada", actor="ada")
    await later(desk, begin + 2 * HOUR + 4 * MINUTE)
    assert (await desk.reader.ticket(letter.id)).record.assignee == "ada"
    await later(desk, begin + 2 * HOUR + 5 * MINUTE)
    assert (await desk.reader.ticket(letter.id)).record.assignee is None


async def test_a_conversation_may_be_finished_and_not_for_ever(desk: "Desk") -> None:
    begin = desk.clock.now()
    await on_duty(desk, "early", presence={"overtime": "20min"})
    chat = await arrive(desk, "chat", "chat")
    await desk.actions.accept(chat.id, "ada", actor="ada")
    assert (await later(desk, begin + 2 * HOUR + 19 * MINUTE)).presence == "available"
    assert (await arrive(desk, "another", "chat")).offer is None
    assert (await later(desk, begin + 2 * HOUR + 20 * MINUTE)).presence == "offline"


async def test_a_reload_in_overtime_begins_no_second_chain_of_looks(desk: "Desk") -> None:
    begin = desk.clock.now()
    await on_duty(desk, "early", presence={"overtime": "20min"})
    chat = await arrive(desk, "chat", "chat")
    await desk.actions.accept(chat.id, "ada", actor="ada")
    await later(desk, begin + 2 * HOUR + 5 * MINUTE)
    later_key = desk.routers.queue.keys["later"]
    waiting = await desk.engine.call("ZCARD", later_key)
    for _ in range(3):
        desk.clock.advance(1000)
        await desk.start()
        await desk.settle()
    assert await desk.engine.call("ZCARD", later_key) == waiting
    assert (await later(desk, begin + 2 * HOUR + 19 * MINUTE)).presence == "available"
    assert (await later(desk, begin + 2 * HOUR + 20 * MINUTE)).presence == "offline"


async def test_whoever_says_so_after_the_end_works_on_until_the_next_shift_closes(desk: "Desk") -> None:
    begin = desk.clock.now()
    await on_duty(desk, "early")
    assert (await later(desk, begin + 2 * HOUR)).presence == "offline"
    await desk.actions.presence("ada", "available", actor="agent:ada")
    assert (await later(desk, begin + 3 * HOUR)).presence == "available"
    assert (await arrive(desk, "overtime")).offer is not None


async def test_shifts_in_two_zones_that_touch_are_one(desk: "Desk") -> None:
    begin = desk.clock.now()
    await on_duty(desk, "early", "manila")
    state = await later(desk, begin + 3 * HOUR)
    assert (state.presence, state.shift_ends) == ("available", begin + 7 * HOUR)


@pytest.mark.parametrize(("shifts", "offered"), [((), True), (("manila",), True), (("early",), False)])
async def test_a_reload_changes_the_shift_at_once(desk: "Desk", shifts: tuple[str, ...], *, offered: bool) -> None:
    begin = desk.clock.now()
    await on_duty(desk, "early")
    await later(desk, begin + 2 * HOUR - 10 * MINUTE)
    await arrive(desk, "late")
    desk.configure(settings(*shifts))
    await desk.start()
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert (ticket.offer is not None) is offered


async def test_an_agent_without_shifts_works_as_they_say(desk: "Desk") -> None:
    begin = desk.clock.now()
    await on_duty(desk)
    state = await later(desk, begin + 26 * HOUR)
    assert (state.presence, state.shift_ends) == ("available", None)


async def test_a_process_that_was_away_at_the_end_finds_it_past(desk: "Desk") -> None:
    begin = desk.clock.now()
    await on_duty(desk, "early")
    desk.clock.advance(9 * HOUR)
    await desk.start()
    await desk.settle()
    state = await desk.agents.one(desk.policy.settings, "ada")
    assert (state.presence, state.shift_ends) == ("offline", begin + 26 * HOUR)
