"""What is recorded of a decision stays small on a large desk: the few who mattered by name, the others counted."""

from typing import TYPE_CHECKING

from trunkline.router.choice_record import choose_again
from trunkline.router.ticket_requests import TicketChanges

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

AGENTS, TICKETS = 1_000, 60
MOST_BYTES = 2_048


async def large(desk: "Desk") -> None:
    """A thousand agents on duty, with names as long as they may be."""
    names = [f"{at:04d}-{'m' * 58}" for at in range(AGENTS)]
    person = {"queues": ["support", "billing"], "languages": ["en", "de", "fr"], "capacity": 1}
    people = {
        name: person | {"name": name, "skills": {"lamps": 1} if at % 2 else {}, "capacity": 1 + at % 3}
        for at, name in enumerate(names)
    }
    desk.configure(SETTINGS | {"agents": people})
    there = [word for name in names for word in (f"{name}.presence", "available")]
    await desk.engine.call("HSET", desk.offers._keys.agents, *there)
    await desk.start()


async def sizes(desk: "Desk") -> list[int]:
    """Of all decisions, in bytes."""
    found = []
    for ticket in await desk.tickets():
        key = desk.offers._keys.decisions(ticket.id)
        found += [len(each) for each in await desk.engine.call("LRANGE", key, 0, -1)]
    return found


async def test_a_ticket_that_a_thousand_could_have_is_recorded_in_two_kilobytes(desk: "Desk") -> None:
    await large(desk)
    for n in range(3):
        await desk.write(f"refund {n}", sender=f"c{n}@example.org", language="de")
        await desk.filers.run_once()
    for ticket in await desk.tickets():
        assert await desk.offers.look_again(ticket.id)
        (decision,) = await desk.reader.decisions(ticket.id)
        assert len(decision.agents) == 8, "of all that were free the few that were compared"
        assert choose_again(decision) == decision.agent
    assert max(await sizes(desk)) <= MOST_BYTES


async def test_an_agent_who_could_have_many_is_recorded_in_two_kilobytes(desk: "Desk") -> None:
    for n in range(TICKETS):
        await desk.write(f"case {n}", sender=f"c{n}@example.org", lane=f"l{n}")
    await desk.settle()
    for n, ticket in enumerate(await desk.tickets()):
        await desk.actions.change(ticket.id, TicketChanges(priority=1 + n % 4), actor="lead")
    await desk.settle()
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.settle()

    found = await sizes(desk)
    assert len(found) == 5
    assert max(found) <= MOST_BYTES
