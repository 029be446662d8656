"""Offers: reserve, accept, decline, run out; never beyond capacity; nothing waits while somebody could have it."""

import asyncio
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict, NotFound
from trunkline.queue.scripts import Script
from trunkline.queue.worker import Worker
from trunkline.router.decision import recompute
from trunkline.router.offers import NO_CHOICE, NO_EVENT, Choice
from trunkline.router.ticket_requests import TicketChanges, Writing

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

PEOPLE = ("ada", "boris", "carla")


async def charged(desk: "Desk") -> dict[str, int]:
    """The load of each agent, counted again from the tickets."""
    loads = dict.fromkeys(PEOPLE, 0)
    for ticket in await desk.tickets():
        work = (await desk.reader.ticket(ticket.id)).work
        if work.occupies:
            loads[work.occupies] += work.weight
    return loads


async def loads(desk: "Desk") -> dict[str, int]:
    return {agent.id: agent.load for agent in await desk.agents.all(desk.policy.settings)}


async def test_a_ticket_waits_until_an_agent_comes_and_is_then_offered(desk: "Desk") -> None:
    await desk.write()
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.offer is None
    await desk.actions.presence("ada", "available", actor="agent:ada")
    await desk.settle()
    (ticket,) = await desk.tickets(offered_to="ada")
    assert ticket.offer is not None
    assert ticket.offer.agent == "ada"
    assert ticket.offer.expires_at == desk.clock.now() + 300_000


async def test_who_is_offered_it_meanwhile_can_be_given_it_and_nobody_else(desk: "Desk") -> None:
    await desk.actions.presence("ada", "available", actor="agent:ada")
    await desk.write()
    await desk.settle()
    (ticket,) = await desk.tickets(offered_to="ada")
    with pytest.raises(Conflict, match="is offered to ada"):
        await desk.actions.assign(ticket.id, "boris", actor="agent:lead", force=True, holder="")
    await desk.actions.assign(ticket.id, "ada", actor="agent:lead", force=True, holder="")
    (ticket,) = await desk.tickets(assignee="ada")
    assert ticket.offer is None


async def test_accepting_opens_the_ticket_and_accepting_again_is_fine(desk: "Desk") -> None:
    await desk.actions.presence("ada", "available", actor="agent:ada")
    await desk.write()
    await desk.settle()
    (ticket,) = await desk.tickets()
    for _ in range(2):
        await desk.actions.accept(ticket.id, "ada", actor="agent:ada")
    (ticket,) = await desk.tickets(assignee="ada")
    assert (ticket.status, ticket.assignee, ticket.offer) == ("open", "ada", None)
    assert await loads(desk) == {"ada": 1, "boris": 0, "carla": 0}


async def test_somebody_else_cannot_accept_and_hears_who_has_it(desk: "Desk") -> None:
    await desk.actions.presence("ada", "available", actor="agent:ada")
    await desk.write()
    await desk.settle()
    (ticket,) = await desk.tickets()
    with pytest.raises(Conflict, match="offered to ada"):
        await desk.actions.accept(ticket.id, "boris", actor="agent:boris")
    await desk.actions.accept(ticket.id, "ada", actor="agent:ada")
    with pytest.raises(Conflict, match="assigned to ada"):
        await desk.actions.accept(ticket.id, "boris", actor="agent:boris")


async def test_a_declined_offer_goes_to_the_next_agent_and_not_back(desk: "Desk") -> None:
    for agent in ("ada", "boris"):
        await desk.actions.presence(agent, "available", actor=agent)
    await desk.write()
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.offer is not None
    first = ticket.offer.agent
    await desk.actions.decline(ticket.id, first, actor=first, reason="lunch")
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.offer is not None
    assert ticket.offer.agent != first
    await desk.actions.decline(ticket.id, ticket.offer.agent, actor="x")
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.offer is None
    assert await loads(desk) == {"ada": 0, "boris": 0, "carla": 0}


async def test_an_offer_that_runs_out_goes_on_and_its_agent_counts_as_away_until_a_sign_of_life(desk: "Desk") -> None:
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.write()
    await desk.settle()
    desk.clock.advance(300_000)
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.offer is None
    assert (await desk.agents.one(desk.policy.settings, "ada")).presence == "away"
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.offer is not None


async def test_an_offer_that_was_accepted_does_not_run_out(desk: "Desk") -> None:
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.write()
    await desk.settle()
    (ticket,) = await desk.tickets()
    await desk.actions.accept(ticket.id, "ada", actor="ada")
    desk.clock.advance(300_000)
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.assignee == "ada"
    assert (await desk.agents.one(desk.policy.settings, "ada")).presence == "available"


async def test_load_is_spread_and_the_room_of_a_solved_ticket_is_given_on_at_once(desk: "Desk") -> None:
    for agent in ("ada", "boris"):
        await desk.actions.presence(agent, "available", actor=agent)
    for n in range(12):
        desk.clock.advance(1)
        await desk.write(f"case {n}", sender=f"c{n}@example.org")
    await desk.settle()
    assert await loads(desk) == {"ada": 5, "boris": 5, "carla": 0}
    waiting = [ticket for ticket in await desk.tickets() if ticket.offer is None]
    assert len(waiting) == 2
    due = {ticket.id: (await desk.reader.ticket(ticket.id)).work.due for ticket in waiting}
    (taken, *_) = await desk.tickets(offered_to="ada")
    await desk.actions.accept(taken.id, "ada", actor="ada")
    await desk.actions.change(taken.id, TicketChanges(status="solved"), actor="ada")
    await desk.settle()
    assert (await desk.reader.ticket(min(due, key=lambda id_: due[id_]))).record.offer is not None
    assert await loads(desk) == {"ada": 5, "boris": 5, "carla": 0}


async def test_a_speaker_of_the_language_is_waited_for_while_one_is_on_duty_and_not_for_ever(desk: "Desk") -> None:
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.actions.presence("boris", "busy", actor="boris")
    await desk.write("Здравствуйте, не работает лампа", language="ru")
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.offer is None
    desk.clock.advance(300_000)
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.offer is not None
    assert ticket.offer.agent == "ada"


async def test_a_parked_ticket_frees_the_slot_and_wakes_to_its_agent(desk: "Desk") -> None:
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.write(conversation="c:1")
    await desk.settle()
    (ticket,) = await desk.tickets()
    await desk.actions.accept(ticket.id, "ada", actor="ada")
    await desk.actions.reply(ticket.id, Writing(text="Which lamp?", agent="ada", actor="ada", status="pending"))
    assert (await loads(desk))["ada"] == 0
    await desk.write("The red one", conversation="c:1")
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert (ticket.status, ticket.assignee) == ("open", "ada")
    assert (await loads(desk))["ada"] == 1


async def test_a_waking_ticket_whose_agent_has_no_room_returns_to_its_queue(desk: "Desk") -> None:
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.write(conversation="c:1")
    await desk.settle()
    (parked,) = await desk.tickets()
    await desk.actions.accept(parked.id, "ada", actor="ada")
    await desk.actions.change(parked.id, TicketChanges(status="pending"), actor="ada")
    for n in range(5):
        await desk.write(sender=f"c{n}@example.org")
    await desk.settle()
    await desk.write("me again", conversation="c:1")
    await desk.settle()
    parked = (await desk.reader.ticket(parked.id)).record
    assert (parked.status, parked.assignee, parked.offer) == ("open", None, None)
    assert (await loads(desk))["ada"] == 5


async def test_going_offline_gives_back_what_was_offered_and_keeps_what_was_accepted(desk: "Desk") -> None:
    for agent in ("ada", "boris"):
        await desk.actions.presence(agent, "available", actor=agent)
    for n in range(4):
        await desk.write(sender=f"c{n}@example.org")
    await desk.settle()
    (held, offered) = await desk.tickets(offered_to="ada")
    await desk.actions.accept(held.id, "ada", actor="ada")
    await desk.actions.presence("ada", "offline", actor="ada")
    await desk.settle()
    assert [ticket.id for ticket in await desk.tickets(assignee="ada")] == [held.id]
    assert (await desk.reader.ticket(offered.id)).record.offer.agent == "boris"  # type: ignore[union-attr]


async def test_assigning_by_hand_beyond_capacity_needs_force(desk: "Desk") -> None:
    for n in range(6):
        await desk.write(sender=f"c{n}@example.org")
    await desk.settle()
    tickets = await desk.tickets()
    for ticket in tickets[:5]:
        await desk.actions.assign(ticket.id, "ada", actor="lead")
    with pytest.raises(Conflict, match="no room"):
        await desk.actions.assign(tickets[5].id, "ada", actor="lead")
    await desk.actions.assign(tickets[5].id, "ada", actor="lead", force=True)
    assert (await loads(desk))["ada"] == 6
    with pytest.raises(NotFound):
        await desk.actions.assign("nope", "ada", actor="lead")


async def test_every_decision_is_recorded_and_made_again_the_same(desk: "Desk") -> None:
    for agent in ("ada", "boris"):
        await desk.actions.presence(agent, "available", actor=agent)
    for n in range(8):
        await desk.write(sender=f"c{n}@example.org", language=random.Random(n).choice(["en", "ru", "unknown"]))
    await desk.settle()
    for ticket in await desk.tickets():
        for decision in await desk.reader.decisions(ticket.id):
            assert recompute(decision) == decision.agent
            assert decision.load_after <= decision.capacity


async def test_50_routers_give_no_agent_more_than_the_capacity(desk: "Desk") -> None:
    chance = random.Random(7)
    for n in range(150):
        await desk.write(f"case {n} {'refund' if n % 5 == 0 else ''}", sender=f"c{n}@example.org", lane=f"l{n}")
    routers = [Worker(desk.offers._keys.offers, desk.clock, desk.offers.handle, width=3) for _ in range(50)]

    async def agent(name: str) -> None:
        for _ in range(60):
            match chance.randrange(6):
                case 0:
                    await desk.actions.presence(name, chance.choice(["available", "away", "offline"]), actor=name)
                case 1:
                    desk.clock.advance(chance.randrange(400_000))
                case _:
                    await desk.actions.presence(name, "available", actor=name)
                    await act(name)

    async def act(name: str) -> None:
        for ticket in (await desk.tickets(offered_to=name))[:3]:
            try:
                if chance.random() < 0.6:
                    await desk.actions.accept(ticket.id, name, actor=name)
                else:
                    await desk.actions.decline(ticket.id, name, actor=name)
            except Conflict:
                pass
        for ticket in (await desk.tickets(assignee=name))[:2]:
            status: Any = chance.choice(["solved", "pending", "open"])
            await desk.actions.change(ticket.id, TicketChanges(status=status), actor=name)

    async def route() -> None:
        while not done.is_set():
            await asyncio.gather(*(router.run_once() for router in routers))

    done = asyncio.Event()
    await desk.filers.drain()
    routing = asyncio.create_task(route())
    await asyncio.gather(*(agent(name) for name in PEOPLE))
    done.set()
    await routing
    await desk.settle()

    given = [line for line in await desk.lines() if line.kind == "ticket.offered"]
    assert len(given) > 50
    for ticket in await desk.tickets():
        for decision in await desk.reader.decisions(ticket.id):
            assert decision.load_after <= decision.capacity
            assert recompute(decision) == decision.agent
    assert await loads(desk) == await charged(desk)
    assert all(load <= 5 for load in (await loads(desk)).values())
    for name in PEOPLE:
        await desk.actions.presence(name, "available", actor=name)
    await desk.settle()
    assert await desk.offers.sweep() == 0


async def test_whoever_declined_is_asked_again_after_a_sign_of_life(desk: "Desk") -> None:
    await desk.actions.presence("carla", "available", actor="carla")
    await desk.write("refund please")
    await desk.settle()
    (ticket,) = await desk.tickets()
    await desk.actions.accept(ticket.id, "carla", actor="carla")
    await desk.actions.release(ticket.id, actor="carla", agent="carla")
    await desk.settle()
    assert (await desk.tickets())[0].offer is None
    await desk.actions.presence("carla", "offline", actor="carla")
    await desk.settle()
    await desk.actions.presence("carla", "available", actor="carla")
    await desk.settle()
    assert len(await desk.tickets(offered_to="carla")) == 1


async def test_hundreds_of_tickets_that_nobody_can_have_do_not_hide_one_that_somebody_can(desk: "Desk") -> None:
    for n in range(210):
        await desk.write(f"surgery {n}", sender=f"c{n}@example.org", lane=f"l{n}")
    await desk.settle()
    for ticket in await desk.tickets():
        await desk.actions.change(ticket.id, TicketChanges(required_skills=["surgery"]), actor="lead")
    desk.clock.advance(10_000)
    await desk.write("a lamp")
    await desk.settle()
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.settle()
    (offered,) = await desk.tickets(offered_to="ada")
    assert offered.number == "T-211"


async def test_whoever_has_room_for_a_few_is_served_in_one_step_for_each(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(60):
        await desk.write(f"case {n}", sender=f"c{n}@example.org", lane=f"l{n}")
    await desk.settle()
    served, run = 0, desk.engine.run

    async def counted(script: Script, *rest: Any) -> Any:
        nonlocal served
        served += script.name == "serve_agent.lua"
        return await run(script, *rest)

    monkeypatch.setattr(desk.engine, "run", counted)
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.settle()
    assert len(await desk.tickets(offered_to="ada")) == 5
    assert served == 1 + 5, "one that finds the first, and one for each"


async def chosen_for_ada(desk: "Desk") -> Choice:
    """Ada has room beside a ticket that waits, and what was chosen for her is not offered yet."""
    await desk.write("a lamp")
    await desk.settle()
    await desk.actions.presence("ada", "available", actor="ada")
    reply = await desk.offers._serve("ada", NO_CHOICE, NO_EVENT)
    return Choice(*reply[1:])


async def test_a_choice_stands_while_nothing_has_happened_to_the_two_of_it(desk: "Desk") -> None:
    choice = await chosen_for_ada(desk)
    assert await desk.offers._serve("ada", choice, NO_EVENT) == [b"DONE", 1]
    (ticket,) = await desk.tickets(offered_to="ada")
    (decision,) = await desk.reader.decisions(ticket.id)
    assert [each.ticket for each in decision.tickets] == [ticket.id]


async def test_a_choice_is_made_anew_when_its_agent_has_no_room_any_more(desk: "Desk") -> None:
    choice = await chosen_for_ada(desk)
    await desk.actions.presence("ada", "busy", actor="ada")
    assert await desk.offers._serve("ada", choice, NO_EVENT) == [b"DONE", 0]
    assert not await desk.tickets(offered_to="ada")


async def test_a_choice_is_made_anew_when_its_ticket_is_another_than_it_was(desk: "Desk") -> None:
    choice = await chosen_for_ada(desk)
    await desk.actions.change(choice.ticket.decode(), TicketChanges(required_skills=["surgery"]), actor="lead")
    assert await desk.offers._serve("ada", choice, NO_EVENT) == [b"DONE", 0]
    await desk.actions.change(choice.ticket.decode(), TicketChanges(required_skills=[], priority=1), actor="lead")
    assert await desk.offers._serve("ada", choice, NO_EVENT) == [b"DONE", 1]
    (decision,) = await desk.reader.decisions(choice.ticket.decode())
    assert [each.priority for each in decision.tickets] == [1], "as it is now"


async def reload(desk: "Desk", ada: Mapping[str, Any], **more: Any) -> None:
    """Only she is there, and has this in the configuration."""
    person = {"name": "Ada", "queues": ["support"], "languages": ["en"], **ada}
    desk.configure({"queues": {"support": {"fallback": True}}, "agents": {"ada": person}, **more})
    await desk.start()


async def arrive(desk: "Desk", *names: str, channel: str = "chat") -> None:
    for name in names:
        await desk.write(f"hello {name}", sender=f"{name}@example.org", channel=channel)
    await desk.settle()


async def test_a_choice_is_made_anew_when_its_channel_may_take_less_of_its_agent(desk: "Desk") -> None:
    await reload(desk, {"capacity": 5, "channel_capacity": {"chat": 3}})
    await desk.actions.presence("ada", "available", actor="ada")
    await arrive(desk, "first", "second")
    await desk.actions.presence("ada", "busy", actor="ada")
    await arrive(desk, "third")
    await desk.actions.presence("ada", "available", actor="ada")
    choice = Choice(*(await desk.offers._serve("ada", NO_CHOICE, NO_EVENT))[1:])
    await reload(desk, {"capacity": 5, "channel_capacity": {"chat": 2}})
    assert await desk.offers._serve("ada", choice, NO_EVENT) == [b"DONE", 0]
    assert len(await desk.tickets(offered_to="ada")) == 2


@pytest.mark.parametrize("accepts", [False, True])
async def test_a_waiting_ticket_takes_what_it_fitted_by_although_its_channel_is_handled_otherwise_by_now(
    desk: "Desk", *, accepts: bool
) -> None:
    queues = {"queues": {"support": {"fallback": True, "auto_accept": accepts}}}
    await reload(desk, {"capacity": 2}, **queues)
    await desk.actions.presence("ada", "available", actor="ada")
    await arrive(desk, "first", "second", channel="mail")
    await desk.actions.presence("ada", "busy", actor="ada")
    await arrive(desk, "third", "fourth")
    await reload(desk, {"capacity": 2}, **queues, handling={"chat": {"patient": True}})
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.settle()
    assert await loads(desk) == {"ada": 4}
    await reload(desk, {"capacity": 2}, **queues)
    await arrive(desk, "fifth")
    assert await loads(desk) == {"ada": 4}, "she has two conversations, and room for no third"


async def test_of_several_queues_the_most_due_tickets_come_first(desk: "Desk") -> None:
    desk.configure(SETTINGS | {"agents": {"ada": SETTINGS["agents"]["ada"] | {"queues": ["billing", "support"]}}})
    await desk.start()
    for n, text in enumerate(["a lamp"] * 4 + ["refund"] * 6):
        await desk.write(text, sender=f"c{n}@example.org", lane=f"l{n}")
        await desk.settle()
        desk.clock.advance(10_000)
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.settle()
    offered = await desk.tickets(offered_to="ada")
    assert [ticket.number for ticket in offered] == ["T-1", "T-2", "T-3", "T-4", "T-5"]


async def test_an_offer_is_never_made_by_facts_that_have_changed(desk: "Desk") -> None:
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.routers.drain()
    await desk.write()
    await desk.filers.drain()
    (ticket,) = await desk.tickets()
    await desk.actions.change(ticket.id, TicketChanges(required_skills=["surgery"]), actor="lead")
    await desk.settle()
    assert (await desk.tickets())[0].offer is None


async def test_a_move_that_was_decided_on_an_old_view_keeps_the_counts(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.actions.presence("carla", "available", actor="carla")
    await desk.write()
    await desk.settle()
    old = await desk.reader.ticket((await desk.tickets())[0].id)
    await desk.actions.change(old.record.id, TicketChanges(queue="billing"), actor="lead")
    await desk.settle()
    assert len(await desk.tickets(offered_to="carla")) == 1

    async def seen_before(engine: object, ticket: str) -> object:
        return old

    monkeypatch.setattr("trunkline.router.actions.load_ticket", seen_before)
    await desk.actions.change(old.record.id, TicketChanges(queue="support"), actor="lead")
    monkeypatch.undo()
    await desk.settle()
    assert await loads(desk) == await charged(desk) == {"ada": 0, "boris": 0, "carla": 0}


async def test_a_new_priority_counts_when_an_offered_ticket_comes_back(desk: "Desk") -> None:
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.write()
    await desk.settle()
    (ticket,) = await desk.tickets()
    before = (await desk.reader.ticket(ticket.id)).work.due
    await desk.actions.change(ticket.id, TicketChanges(priority=1), actor="lead")
    await desk.actions.decline(ticket.id, "ada", actor="ada")
    assert (await desk.reader.ticket(ticket.id)).work.due < before


async def test_a_reply_beyond_capacity_or_from_outside_the_queue_does_not_take_the_ticket(desk: "Desk") -> None:
    for n in range(6):
        await desk.write(f"refund {n}", sender=f"c{n}@example.org")
    await desk.settle()
    tickets = await desk.tickets()
    for ticket in tickets[:5]:
        await desk.actions.assign(ticket.id, "carla", actor="lead")
    await desk.actions.reply(tickets[5].id, Writing(text="hello", agent="carla", actor="carla"))
    await desk.actions.reply(tickets[5].id, Writing(text="hello", agent="ada", actor="ada"))
    assert (await desk.reader.ticket(tickets[5].id)).record.assignee is None
    assert await loads(desk) == {"ada": 0, "boris": 0, "carla": 5}


async def test_the_record_of_a_choice_from_very_many_is_short_and_gives_the_same_choice(desk: "Desk") -> None:
    person = SETTINGS["agents"]["ada"]
    desk.configure(SETTINGS | {"agents": {f"a{n:04}": person | {"name": f"A {n}"} for n in range(300)}})
    await desk.start()
    for n in range(299, -1, -1):
        await desk.actions.presence(f"a{n:04}", "available" if n % 3 else "busy", actor="test")
        desk.clock.advance(1)
    await desk.settle()
    await desk.write("very many could have it")
    await desk.settle()
    (ticket,) = await desk.tickets(offered_to="a0299")
    (decision,) = await desk.reader.decisions(ticket.id)
    assert [each.agent for each in decision.agents] == [f"a{n:04}" for n in range(299, 0, -1) if n % 3][:8]
    assert (recompute(decision), decision.agent) == ("a0299", "a0299")
    (stored,) = await desk.engine.call("LRANGE", desk.offers._keys.decisions(ticket.id), 0, -1)
    assert len(stored) < 2_048
