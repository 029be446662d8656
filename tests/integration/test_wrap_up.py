"""After a conversation its agent has room only when it is wrapped up: by time, or when they say that they are ready."""

from typing import TYPE_CHECKING, Any

import pytest

from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import TicketChanges

if TYPE_CHECKING:
    from .conftest import Desk

SECOND = 1000
SETTINGS: dict[str, Any] = {
    "queues": {"support": {"fallback": True}},
    "agents": {"ada": {"name": "Ada", "queues": ["support"], "languages": ["en"], "capacity": 1}},
    "handling": {"chat": {"wrap_up": "30s"}},
}


async def load(desk: "Desk") -> int:
    return (await desk.agents.one(desk.policy.settings, "ada")).load


async def chat(desk: "Desk", name: str) -> Ticket:
    """Somebody else's, as it is once everything is settled."""
    await desk.write(f"hello {name}", sender=f"{name}@example.org", channel="chat", conversation=name)
    await desk.settle()
    return (await desk.tickets())[-1]


@pytest.fixture
async def done(desk: "Desk") -> Ticket:
    """A chat that ada is done with, beside one that waits."""
    desk.configure(SETTINGS)
    await desk.start()
    await desk.actions.presence("ada", "available", actor="ada")
    first = await chat(desk, "first")
    await desk.actions.accept(first.id, "ada", actor="ada")
    await chat(desk, "second")
    await desk.actions.change(first.id, TicketChanges(status="solved"), actor="ada")
    await desk.settle()
    return (await desk.reader.ticket(first.id)).record


async def offered(desk: "Desk") -> list[str]:
    await desk.settle()
    return [ticket.number for ticket in await desk.tickets(offered_to="ada")]


@pytest.mark.usefixtures("done")
async def test_nothing_is_offered_in_its_place_until_the_time_is_over(desk: "Desk") -> None:
    state = await desk.agents.one(desk.policy.settings, "ada")
    assert (state.load, state.wrapping_until) == (1, desk.clock.now() + 30 * SECOND)
    desk.clock.advance(30 * SECOND - 1)
    assert await offered(desk) == []
    desk.clock.advance(1)
    assert await offered(desk) == ["T-2"]
    assert (await desk.agents.one(desk.policy.settings, "ada")).wrapping_until is None


@pytest.mark.usefixtures("done")
async def test_the_room_comes_back_although_somebody_looked_by_a_clock_that_is_behind(desk: "Desk") -> None:
    desk.clock.advance(30 * SECOND - 5)
    assert await desk.handle_early(5) == 1
    assert await load(desk) == 1
    desk.clock.advance(5)
    assert await offered(desk) == ["T-2"]


@pytest.mark.usefixtures("done")
async def test_whoever_says_that_they_are_available_has_wrapped_up(desk: "Desk") -> None:
    await desk.actions.presence("ada", "available", actor="ada")
    assert await offered(desk) == ["T-2"]
    desk.clock.advance(60 * SECOND)
    await desk.settle()
    assert await load(desk) == 1


@pytest.mark.usefixtures("done")
async def test_it_is_over_for_whoever_goes_offline_and_not_for_who_is_busy(desk: "Desk") -> None:
    await desk.actions.presence("ada", "busy", actor="ada")
    assert await load(desk) == 1
    await desk.actions.presence("ada", "offline", actor="ada")
    assert await load(desk) == 0


async def test_what_comes_back_meanwhile_is_its_agents_at_once(desk: "Desk", done: Ticket) -> None:
    await desk.write("one thing more", sender="first@example.org", channel="chat", conversation="first")
    await desk.settle()
    ticket = (await desk.reader.ticket(done.id)).record
    assert (ticket.status, ticket.assignee) == ("open", "ada")
    assert await load(desk) == 1
    desk.clock.advance(60 * SECOND)
    assert await offered(desk) == []
    assert await load(desk) == 1


async def test_a_letter_beside_it_has_no_time_of_its_own(desk: "Desk") -> None:
    desk.configure(SETTINGS)
    await desk.start()
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.write("a letter", channel="mail")
    await desk.settle()
    (letter,) = await desk.tickets(offered_to="ada")
    await desk.actions.accept(letter.id, "ada", actor="ada")
    await desk.actions.change(letter.id, TicketChanges(status="pending"), actor="ada")
    assert await load(desk) == 0
