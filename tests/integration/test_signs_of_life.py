"""Signs of life: whoever is watched and silent is offline; nobody is silent because we were not there to hear them."""

from typing import TYPE_CHECKING

import pytest

from trunkline.router.records import AgentState

if TYPE_CHECKING:
    from .conftest import Desk

SECOND, MINUTE = 1_000, 60_000


async def ada(desk: "Desk") -> AgentState:
    return await desk.agents.one(desk.policy.settings, "ada")


async def at_her_desk(desk: "Desk") -> None:
    await desk.signs.faces_are_there()
    await desk.actions.presence("ada", "available", actor="agent:ada", watched="page")


async def passes(desk: "Desk", ms: int, *, heard: bool = False, faces: bool = True) -> None:
    """Time passes in steps, as processes see it that live through it."""
    end = desk.clock.now() + ms
    while (now := desk.clock.now()) < end:
        desk.clock.advance(min(10 * SECOND, end - now))
        if faces:
            await desk.signs.faces_are_there()
        if heard:
            await desk.signs.heard("ada", page=True)
        await desk.settle()


async def test_an_agent_whose_page_is_gone_is_offline_after_the_grace_time(desk: "Desk") -> None:
    await at_her_desk(desk)
    await passes(desk, 10 * MINUTE, heard=True)
    assert (await ada(desk)).presence == "available"
    await passes(desk, 3 * MINUTE - SECOND)
    assert (await ada(desk)).presence == "available"
    await passes(desk, SECOND)
    state = await ada(desk)
    assert (state.presence, state.presence_by) == ("offline", "router")
    assert state.presence_reason == "their desk page is gone"


async def test_with_a_chat_in_hand_the_grace_time_is_shorter(desk: "Desk") -> None:
    await at_her_desk(desk)
    await desk.write(channel="chat", language="en")
    await desk.settle()
    (ticket,) = await desk.tickets(offered_to="ada")
    await desk.actions.accept(ticket.id, "ada", actor="agent:ada")
    await passes(desk, MINUTE - SECOND)
    assert (await ada(desk)).presence == "available"
    await passes(desk, SECOND)
    assert (await ada(desk)).presence == "offline"
    await passes(desk, 30 * SECOND)
    assert (await desk.tickets())[0].assignee is None


async def test_what_is_offered_to_somebody_silent_goes_to_somebody_else(desk: "Desk") -> None:
    await at_her_desk(desk)
    await passes(desk, 2 * MINUTE)
    await desk.write()
    await desk.settle()
    assert len(await desk.tickets(offered_to="ada")) == 1
    await desk.actions.presence("boris", "available", actor="agent:boris")
    await passes(desk, MINUTE)
    assert len(await desk.tickets(offered_to="boris")) == 1


async def test_while_nobody_could_hear_them_nobody_is_silent(desk: "Desk") -> None:
    await at_her_desk(desk)
    await passes(desk, 60 * MINUTE, faces=False)
    assert (await ada(desk)).presence == "available"
    await passes(desk, 3 * MINUTE - SECOND)  # from when the processes are back, which is ten seconds into it
    assert (await ada(desk)).presence == "available"
    await passes(desk, 12 * SECOND)
    assert (await ada(desk)).presence == "offline"


async def test_whoever_is_set_without_a_time_stays_as_set(desk: "Desk") -> None:
    await at_her_desk(desk)
    await desk.actions.presence("ada", "available", actor="token:crm")
    await passes(desk, 60 * MINUTE)
    assert (await ada(desk)).presence == "available"
    assert (await ada(desk)).presence_until is None


async def test_a_time_given_with_the_presence_is_kept_by_heartbeats(desk: "Desk") -> None:
    await desk.signs.faces_are_there()
    await desk.actions.presence("ada", "busy", actor="token:slack", watched="span", span_ms=90 * SECOND)
    assert (await ada(desk)).presence_until == desk.clock.now() + 90 * SECOND
    for _ in range(3):
        await passes(desk, 80 * SECOND)
        await desk.signs.heard("ada")
    assert (await ada(desk)).presence == "busy"
    await passes(desk, 90 * SECOND)
    state = await ada(desk)
    assert (state.presence, state.presence_reason) == ("offline", "no sign of life in time")
    await desk.signs.heard("ada", span_ms=90 * SECOND)
    assert (await ada(desk)).presence == "offline"  # only a person comes back


async def test_a_heartbeat_with_a_time_begins_to_watch(desk: "Desk") -> None:
    await desk.signs.faces_are_there()
    await desk.actions.presence("ada", "available", actor="token:crm")
    await desk.signs.heard("ada", span_ms=30 * SECOND)
    await passes(desk, 30 * SECOND)
    assert (await ada(desk)).presence == "offline"


async def test_a_page_keeps_nobody_whom_a_system_watches(desk: "Desk") -> None:
    await desk.signs.faces_are_there()
    await desk.actions.presence("ada", "available", actor="token:crm", watched="span", span_ms=60 * SECOND)
    await passes(desk, 60 * SECOND, heard=True)
    assert (await ada(desk)).presence == "offline"


@pytest.mark.parametrize("presence", ["available", "busy"])
async def test_the_event_of_a_watch_that_is_over_does_nothing(desk: "Desk", presence: str) -> None:
    await desk.signs.faces_are_there()
    await desk.actions.presence("ada", "available", actor="token:crm", watched="span", span_ms=60 * SECOND)
    await passes(desk, 50 * SECOND)
    await desk.actions.presence("ada", presence, actor="token:crm", watched="span", span_ms=60 * SECOND)  # type: ignore[arg-type]
    await passes(desk, 59 * SECOND)
    assert (await ada(desk)).presence == presence


async def test_presence_says_who_set_it_and_why(desk: "Desk") -> None:
    await desk.actions.presence("ada", "away", actor="token:crm", reason="at lunch")
    state = await ada(desk)
    assert (state.presence_by, state.presence_reason) == ("token:crm", "at lunch")
    await desk.actions.presence("ada", "available", actor="agent:ada")
    await desk.write()
    await desk.settle()
    desk.clock.advance(5 * MINUTE)
    await desk.settle()
    state = await ada(desk)
    assert (state.presence, state.presence_by, state.presence_reason) == ("away", "router", "missed an offer")
