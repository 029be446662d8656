"""Many agents are made known in parts, and are gone in parts, and all of them are known or gone in the end."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.queue.scripts import Script
from trunkline.router import agents
from trunkline.router.ticket_requests import TicketChanges

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


def people(**said: Mapping[str, Any]) -> dict[str, Any]:
    """These, in this order."""
    given = {"queues": ["support"], "languages": ["en"], "capacity": 1}
    queues = {"support": {"fallback": True, "language_wait": "1h"}, "billing": {}}
    return {"queues": queues, "agents": {name: given | {"name": name.title(), **each} for name, each in said.items()}}


def parts_of_one(desk: "Desk", monkeypatch: pytest.MonkeyPatch, between: Callable[[], Awaitable[None]]) -> None:
    """Each agent is a part, and after each this happens."""
    run, busy = desk.engine.run, False

    async def interrupted(script: Script, *rest: Any) -> Any:
        nonlocal busy
        reply = await run(script, *rest)
        if script.name == "register_agents.lua" and not busy:
            busy = True
            await between()
            busy = False
        return reply

    monkeypatch.setattr(agents, "AT_ONCE", 1)
    monkeypatch.setattr(desk.engine, "run", interrupted)


async def test_what_one_has_no_more_and_a_later_one_has_got_is_still_waited_for(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    russian = {"languages": ["ru"]}
    desk.configure(people(ada=russian, boris={}, carla={}))
    await desk.start()
    for name, presence in (("ada", "busy"), ("boris", "available"), ("carla", "busy")):
        await desk.actions.presence(name, presence, actor=name)
    await desk.write("privet", language="ru")
    await desk.settle()
    parts_of_one(desk, monkeypatch, desk.settle)
    desk.configure(people(ada={}, boris={}, carla=russian))
    await desk.start()
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.offer is None, "carla speaks it"
    desk.configure(people(ada={}, boris={}, carla={}))
    await desk.start()
    await desk.settle()
    assert len(await desk.tickets(offered_to="boris")) == 1


async def test_what_comes_between_two_parts_waits_for_whoever_is_in_the_next(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.configure(people(boris={}, carla={}))
    await desk.start()
    await desk.actions.presence("boris", "available", actor="boris")
    await desk.actions.presence("carla", "busy", actor="carla")
    written = []

    async def between() -> None:
        if not written:
            written.append(await desk.write("privet", language="ru"))
        await desk.settle()

    parts_of_one(desk, monkeypatch, between)
    desk.configure(people(boris={}, carla={"languages": ["ru"]}))
    await desk.start()
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.offer is None, "carla speaks it"


@pytest.mark.parametrize("parts", [2, 1])
async def test_it_waits_no_longer_when_nobody_is_in_the_next_or_none_comes(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch, parts: int
) -> None:
    desk.configure(people(boris={}, carla={}))
    await desk.start()
    await desk.actions.presence("boris", "available", actor="boris")
    count = 0

    async def between() -> None:
        nonlocal count
        count += 1
        if count == 1:
            await desk.write("privet", language="ru")
            await desk.settle()
            (ticket,) = await desk.tickets()
            assert ticket.offer is None, "who is still to come may speak it"
        if count == parts == 1:
            raise ConnectionError("the process died")

    parts_of_one(desk, monkeypatch, between)
    if parts == 1:
        with pytest.raises(ConnectionError):
            await desk.start()
        desk.clock.advance(60_000)
        await desk.offers.sweep()
    else:
        await desk.start()
    await desk.settle()
    assert len(await desk.tickets(offered_to="boris")) == 1


async def test_lines_stand_under_the_token_that_fewest_have_when_all_are_known(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    able, others = {"skills": ["lamps"]}, {"skills": ["lamps"], "queues": ["billing"]}
    desk.configure(people(ada=able, boris={}, carla={}))
    await desk.start()
    await desk.write("a lamp")
    await desk.settle()
    (ticket,) = await desk.tickets()
    await desk.actions.change(ticket.id, TicketChanges(required_skills=["lamps"]), actor="lead")
    await desk.settle()
    parts_of_one(desk, monkeypatch, desk.settle)
    desk.configure(people(ada=able, boris=others, carla=others))
    await desk.start()
    await desk.settle()
    (anchor,) = await desk.engine.call("HMGET", desk.offers._keys.room["counts"], "anchor|queue:support,skill:lamps@1")
    assert anchor == b"queue:support"


async def test_a_configuration_that_begins_while_another_is_made_known_stands(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    old = desk.policy
    desk.configure(people(ada={}, boris={}, carla={"capacity": 7}))
    newer, begun = desk.policy, []

    async def another() -> None:
        if not begun:
            begun.append(newer)
            await desk.agents.register(newer, desk.clock.now())

    parts_of_one(desk, monkeypatch, another)
    await desk.agents.register(old, desk.clock.now())
    state = await desk.engine.call("HMGET", desk.offers._keys.agents, "carla.capacity", "carla.tokens")
    assert state == [b"7", b"language:en,queue:support"]
