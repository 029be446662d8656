"""Who could have a waiting ticket is told as the router then decides: on drawn desks, candidate by candidate."""

import random
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict
from trunkline.desk.views.why import why_nobody
from trunkline.router.candidacy import Candidacy, candidacy
from trunkline.router.decision import ranked
from trunkline.router.stored_ticket import StoredTicket
from trunkline.router.ticket_requests import TicketChanges

if TYPE_CHECKING:
    from .conftest import Desk

ABOUT = "could have it, and is about to be asked"
INSTEAD = "could have it, and is asked before long, because nobody suits it better"


def agent(name: str, *languages: str, capacity: int = 2, **facts: Any) -> dict[str, Any]:
    return {"name": name, "queues": ["support"], "languages": languages, "capacity": capacity} | facts


SETTINGS: dict[str, Any] = {
    "queues": {"support": {"fallback": True}, "billing": {"language_wait": "0s"}},
    "agents": {
        "ada": agent("Ada", "en", skills={"lamps": 3}),
        "boris": agent("Boris", "en", "ru", capacity=4, channel_capacity={"mail": 1}),
        "carla": agent("Carla", "ru", capacity=3, queues=["support", "billing"], channel_capacity={"test": 1}),
        "dora": agent("Dora", "en", queues=["billing"], capacity=1),
    },
}
PEOPLE = tuple(SETTINGS["agents"])


async def seen(desk: "Desk", ticket: str) -> tuple[StoredTicket, Candidacy | None]:
    stored = await desk.reader.ticket(ticket)
    return stored, await candidacy(desk.engine, desk.policy, stored, desk.clock.now())


async def outcome(desk: "Desk", name: str) -> dict[str, str]:
    """What is told of everybody who may have the one ticket of the desk."""
    (ticket,) = await desk.tickets()
    stored, able = await seen(desk, ticket.id)
    return {each.name: each.outcome for each in why_nobody(stored, able, {}).candidates if each.name == name}


async def something_happens(desk: "Desk", chance: random.Random) -> None:
    """One step of a desk's day, without the router having heard of it, or with it."""
    who, tickets = chance.choice(PEOPLE), await desk.tickets()
    ticket = chance.choice(tickets).id
    try:
        match chance.randrange(8):
            case 0 | 1:
                state = chance.choice(["available", "available", "busy", "away", "offline"])
                await desk.actions.presence(who, state, actor=who)  # type: ignore[arg-type]
            case 2:
                await desk.actions.accept(ticket, who, actor=who)
            case 3:
                await desk.actions.decline(ticket, who, actor=who)
            case 4:
                await desk.actions.release(ticket, actor=who)
            case 5:
                preferred = chance.choice([[], ["lamps"]])
                queue = chance.choice(["support", "billing"])
                await desk.actions.change(ticket, TicketChanges(queue=queue, preferred_skills=preferred), actor="lead")
            case 6:
                desk.clock.advance(chance.randrange(400_000))
            case _:
                await desk.settle()
    except Conflict:
        pass


async def told_and_done_are_one(desk: "Desk", ticket: str) -> bool:
    """Compares them for one ticket; whether it was offered to anybody."""
    stored, able = await seen(desk, ticket)
    told = why_nobody(stored, able, {})
    before = len(await desk.reader.decisions(ticket))
    offered = await desk.offers.look_again(ticket)
    if able is None:
        assert not offered
        return False
    assert [each.name for each in told.candidates if each.outcome in (ABOUT, INSTEAD)] == (
        [able.best] if able.best else []
    )
    if not offered:
        assert able.best is None
        return False
    decision = (await desk.reader.decisions(ticket))[before]
    assert (decision.agent, decision.weight) == (able.best, able.weight)
    reasons = {each["agent"]: reason for each, reason in ranked(able.candidates, relaxed=able.relaxed)}
    assert {each.agent for each in decision.agents} <= {agent for agent, reason in reasons.items() if not reason}
    return True


@pytest.mark.parametrize("seed", range(6))
async def test_what_is_told_is_what_the_router_does(desk: "Desk", seed: int) -> None:
    chance = random.Random(seed)
    desk.configure(SETTINGS)
    await desk.start()
    for n in range(8):
        language, channel = chance.choice(["en", "ru", "unknown"]), chance.choice(["mail", "test"])
        await desk.write(f"case {n}", sender=f"c{n}@example.org", language=language, channel=channel)
    await desk.filers.drain()
    for who in PEOPLE:
        await desk.actions.presence(who, "available", actor=who)
    assert await told_and_done_are_one(desk, (await desk.tickets())[0].id)
    for _ in range(25):
        await something_happens(desk, chance)
        await told_and_done_are_one(desk, chance.choice(await desk.tickets()).id)


async def test_whoever_declined_before_their_last_sign_of_life_is_not_said_to_have_declined(desk: "Desk") -> None:
    for how in (desk.actions.decline, desk.actions.release):
        await desk.actions.presence("ada", "available", actor="ada")
        if not await desk.tickets():
            await desk.write()
        await desk.settle()
        (ticket,) = await desk.tickets(offered_to="ada")
        if how == desk.actions.release:
            await desk.actions.accept(ticket.id, "ada", actor="ada")
            await desk.actions.release(ticket.id, actor="ada")
            assert await outcome(desk, "ada") == {"ada": "has given it back"}
        else:
            await desk.actions.decline(ticket.id, "ada", actor="ada")
            assert await outcome(desk, "ada") == {"ada": "has declined it"}
        await desk.actions.presence("ada", "available", actor="ada")
        assert await outcome(desk, "ada") == {"ada": ABOUT}


async def test_a_cap_on_a_channel_is_told_and_nobody_is_then_about_to_be_asked(desk: "Desk") -> None:
    desk.configure({**SETTINGS, "agents": {"boris": SETTINGS["agents"]["boris"]}})
    await desk.start()
    await desk.actions.presence("boris", "available", actor="boris")
    for n in range(2):
        await desk.write(f"case {n}", sender=f"c{n}@example.org", channel="mail")
    await desk.settle()
    (waiting,) = [each for each in await desk.tickets() if each.offer is None]
    stored, able = await seen(desk, waiting.id)
    told = why_nobody(stored, able, {})
    assert [(each.outcome, each.load, each.capacity) for each in told.candidates] == [
        ("has no room for more by this channel", 1, 4)
    ]
    assert told.sentence == "Nobody has it: it waits in support, because nobody can have it now."


async def test_no_wait_for_a_speaker_holds_for_tickets_that_waited_before_the_configuration_said_so(
    desk: "Desk",
) -> None:
    await desk.actions.presence("boris", "busy", actor="boris")
    await desk.write(language="ru")
    await desk.settle()
    desk.configure({**SETTINGS, "queues": {"support": {"fallback": True, "language_wait": "0s"}}})
    await desk.start()
    await desk.routers.drain()
    await desk.actions.presence("ada", "available", actor="ada")
    assert await outcome(desk, "ada") == {"ada": ABOUT}
    await desk.settle()
    assert len(await desk.tickets(offered_to="ada")) == 1


async def test_what_still_waits_for_a_speaker_whom_nobody_on_duty_is_says_so_until_it_is_looked_at(
    desk: "Desk",
) -> None:
    await desk.write(language="es")
    await desk.settle()
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.settle()
    (ticket,) = await desk.tickets()
    told = why_nobody(*await seen(desk, ticket.id), {"ada": "Ada"})
    assert told.sentence == (
        "Nobody has it: it waits in support, for somebody who speaks Spanish; nobody like that is on duty, "
        "and Ada is asked instead within minutes."
    )
    assert [each.outcome for each in told.candidates if each.name == "Ada"] == [INSTEAD]
    await desk.offers.sweep()
    await desk.settle()
    assert len(await desk.tickets(offered_to="ada")) == 1
