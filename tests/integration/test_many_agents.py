"""Many agents are made known in parts, and are gone in parts, and all of them are known or gone in the end."""

from typing import TYPE_CHECKING, Any

import pytest

from trunkline.router import agents

if TYPE_CHECKING:
    from .conftest import Desk


def settings(number: int) -> dict[str, Any]:
    people = {
        f"a{at:04d}": {"name": f"A {at}", "queues": ["support"], "languages": ["en"], "skills": [f"s{at % 7}"]}
        for at in range(number)
    }
    return {"queues": {"support": {"fallback": True}}, "agents": people}


async def known(desk: "Desk") -> set[str]:
    return {member.decode() for member in await desk.engine.call("SMEMBERS", desk.offers._keys.known_agents)}


async def test_all_are_known_and_whoever_has_gone_is_not(desk: "Desk", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents, "AT_ONCE", 10)
    desk.configure(settings(35))
    await desk.start()
    assert await known(desk) == set(desk.policy.settings.agents)
    await desk.actions.presence("a0030", "available", actor="test")
    await desk.write("hello")
    await desk.settle()
    (ticket,) = await desk.tickets(offered_to="a0030")
    desk.configure(settings(5))
    await desk.start()
    await desk.settle()
    assert await known(desk) == set(desk.policy.settings.agents)
    assert await desk.engine.call("HGET", desk.offers._keys.agents, "a0030.removed") == b"1"
    assert (await desk.reader.ticket(ticket.id)).record.offer is None
