"""Absence: what an agent leaves goes back to its queue by the queue's policy, and who is gone holds nothing."""

from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict
from trunkline.desk.views.queue_state import queue_state
from trunkline.queue.clock import ManualClock
from trunkline.router.absence import Absence
from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import Writing

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

MINUTE = 60_000
AGENT = "agent:ada"


def with_policy(policy: str, after: str = "5min", **more: Any) -> dict[str, Any]:
    absent = {"letters": {"policy": policy, "after": after}}
    return SETTINGS | {"queues": {"support": {"fallback": True, "absent": absent}, "billing": {}}} | more


def without(agent: str) -> dict[str, Any]:
    return SETTINGS | {"agents": {id_: each for id_, each in SETTINGS["agents"].items() if id_ != agent}}


async def reload(desk: "Desk", settings: dict[str, Any]) -> None:
    desk.configure(settings)
    await desk.start()
    await desk.settle()


async def held_by_ada(desk: "Desk", **message: Any) -> Ticket:
    """A ticket that Ada has accepted."""
    await desk.actions.presence("ada", "available", actor=AGENT)
    await desk.write(conversation="c1", **message)
    await desk.settle()
    (ticket,) = await desk.tickets(offered_to="ada")
    await desk.actions.accept(ticket.id, "ada", actor=AGENT)
    return ticket


async def answered(desk: "Desk", ticket: Ticket) -> None:
    await desk.actions.reply(ticket.id, Writing(agent="ada", text="Try this", actor=AGENT))
    await desk.settle()


async def goes(desk: "Desk", agent: str = "ada", presence: Any = "offline") -> None:
    await desk.actions.presence(agent, presence, actor=f"agent:{agent}")
    await desk.settle()


async def passes(desk: "Desk", ms: int) -> None:
    desk.clock.advance(ms)
    await desk.settle()


async def holder(desk: "Desk", ticket: Ticket) -> str | None:
    return (await desk.reader.ticket(ticket.id)).record.assignee


async def test_with_keep_it_stays_however_long(desk: "Desk") -> None:
    await reload(desk, with_policy("keep"))
    ticket = await held_by_ada(desk)
    await goes(desk)
    await passes(desk, 48 * 60 * MINUTE)
    assert await holder(desk, ticket) == "ada"


async def test_handed_over_after_the_delay_it_waits_by_its_original_due(desk: "Desk") -> None:
    await reload(desk, with_policy("hand_over"))
    ticket = await held_by_ada(desk)
    due = (await desk.reader.ticket(ticket.id)).work.due
    await goes(desk)
    await passes(desk, 5 * MINUTE - 1)
    assert await holder(desk, ticket) == "ada"
    await passes(desk, 1)
    stored = await desk.reader.ticket(ticket.id)
    assert (stored.record.assignee, stored.record.status) == (None, "open")
    assert (stored.work.due, stored.work.previous_agent) == (due, "ada")
    assert stored.work.queue_position is not None
    told = [event for event in stored.work.history if event["kind"] == "ticket.handed_over"]
    assert [event["changes"] for event in told] == [{"agent": "ada", "reason": "is offline"}]


async def test_whoever_comes_back_in_time_finds_it_where_it_was(desk: "Desk") -> None:
    await reload(desk, with_policy("hand_over"))
    ticket = await held_by_ada(desk)
    await goes(desk)
    await passes(desk, 4 * MINUTE)
    await goes(desk, presence="available")
    await passes(desk, MINUTE)
    assert await holder(desk, ticket) == "ada"
    await goes(desk)
    await passes(desk, 4 * MINUTE)
    assert await holder(desk, ticket) == "ada"  # the second absence has a time of its own
    await passes(desk, MINUTE)
    assert await holder(desk, ticket) is None


async def test_the_last_agent_is_preferred_when_they_come_back(desk: "Desk") -> None:
    await reload(desk, with_policy("hand_over", after="0s"))
    ticket = await held_by_ada(desk)
    await goes(desk)
    assert await holder(desk, ticket) is None
    await goes(desk, presence="available")
    assert [each.id for each in await desk.tickets(offered_to="ada")] == [ticket.id]


async def test_away_and_busy_are_no_absence(desk: "Desk") -> None:
    await reload(desk, with_policy("hand_over", after="0s"))
    ticket = await held_by_ada(desk)
    for presence in ("away", "busy"):
        await goes(desk, presence=presence)
        await passes(desk, 60 * MINUTE)
        assert await holder(desk, ticket) == "ada"


async def test_on_message_it_goes_with_the_next_word_of_the_customer(desk: "Desk") -> None:
    await reload(desk, with_policy("on_message"))
    ticket = await held_by_ada(desk)
    await answered(desk, ticket)
    await goes(desk)
    await passes(desk, 60 * MINUTE)
    assert await holder(desk, ticket) == "ada"
    await desk.write("and then?", conversation="c1")
    await desk.settle()
    assert await holder(desk, ticket) is None


async def test_on_message_it_goes_at_once_when_the_customer_waits_already(desk: "Desk") -> None:
    await reload(desk, with_policy("on_message"))
    ticket = await held_by_ada(desk)
    await goes(desk)
    await passes(desk, 5 * MINUTE)
    assert await holder(desk, ticket) is None


async def test_at_risk_it_goes_when_three_quarters_of_the_time_are_used(desk: "Desk") -> None:
    await reload(desk, with_policy("at_risk"))
    ticket = await held_by_ada(desk)
    stored = await desk.reader.ticket(ticket.id)
    risk = stored.work.due - stored.work.target_ms // 4
    await goes(desk)
    await passes(desk, risk - desk.clock.now() - 1)
    assert await holder(desk, ticket) == "ada"
    await passes(desk, 1)
    assert await holder(desk, ticket) is None


async def test_what_is_assigned_to_somebody_offline_has_the_same_policy(desk: "Desk") -> None:
    await reload(desk, with_policy("hand_over"))
    await desk.write()
    await desk.settle()
    (ticket,) = await desk.tickets()
    await passes(desk, 60 * MINUTE)
    await desk.actions.assign(ticket.id, "ada", actor="agent:boris")
    await passes(desk, 5 * MINUTE - 1)
    assert await holder(desk, ticket) == "ada"
    await passes(desk, 1)
    assert await holder(desk, ticket) is None


async def test_a_policy_that_changes_holds_for_those_who_are_absent_already(desk: "Desk") -> None:
    await reload(desk, with_policy("keep"))
    ticket = await held_by_ada(desk)
    await goes(desk)
    await passes(desk, 60 * MINUTE)
    await reload(desk, with_policy("hand_over"))
    assert await holder(desk, ticket) is None


async def test_reloading_again_and_again_asks_for_one_look_at_a_ticket(desk: "Desk") -> None:
    await reload(desk, with_policy("hand_over"))
    await held_by_ada(desk)
    await goes(desk)
    before = (await desk.offers._keys.offers.counts())["later"]
    for _ in range(3):
        await reload(desk, with_policy("hand_over"))
    assert (await desk.offers._keys.offers.counts())["later"] == before


@pytest.mark.parametrize("status", ["open", "pending", "on_hold"])
async def test_an_agent_who_leaves_the_configuration_holds_nothing(desk: "Desk", status: str) -> None:
    await reload(desk, with_policy("keep"))
    ticket = await held_by_ada(desk)
    if status != "open":
        await desk.actions.reply(ticket.id, Writing(agent="ada", text="Try", actor=AGENT, status=status))  # type: ignore[arg-type]
    await reload(desk, without("ada"))
    stored = await desk.reader.ticket(ticket.id)
    assert (stored.record.assignee, stored.record.status) == (None, status)
    assert (stored.work.queue_position is not None) == (status == "open")
    assert stored.work.history[-1]["changes"]["reason"] == "is no longer in the configuration"


async def test_a_name_that_left_before_anybody_looked_holds_nothing_either(desk: "Desk") -> None:
    ticket = await held_by_ada(desk)
    await desk.engine.call("SREM", desk.offers._keys.known_agents, "ada")
    await reload(desk, without("ada"))
    assert await holder(desk, ticket) is None


async def test_whoever_returns_to_the_configuration_is_an_agent_like_any_other(desk: "Desk") -> None:
    await held_by_ada(desk)
    await reload(desk, without("ada"))
    await reload(desk, SETTINGS)
    await goes(desk, presence="available")
    (ticket,) = await desk.tickets(offered_to="ada")
    await desk.actions.accept(ticket.id, "ada", actor=AGENT)
    await goes(desk)
    assert await holder(desk, ticket) == "ada"


async def test_finished_work_keeps_the_name_of_who_did_it(desk: "Desk") -> None:
    ticket = await held_by_ada(desk)
    await desk.actions.reply(ticket.id, Writing(agent="ada", text="Done", actor=AGENT, status="solved"))
    await reload(desk, without("ada"))
    assert await holder(desk, ticket) == "ada"


async def test_a_missed_offer_takes_the_other_offers_back_too(desk: "Desk") -> None:
    await goes(desk, presence="available")
    await desk.write(sender="a@example.org")
    await desk.settle()
    await passes(desk, MINUTE)
    await desk.write(sender="b@example.org")
    await desk.settle()
    first, second = await desk.tickets(offered_to="ada")
    await passes(desk, 4 * MINUTE)
    assert await desk.tickets(offered_to="ada") == []
    assert (await desk.agents.one(desk.policy.settings, "ada")).presence == "away"
    kinds = {each.id: (await desk.reader.ticket(each.id)).work.history[-1] for each in (first, second)}
    assert kinds[first.id]["kind"] == "ticket.missed"
    assert kinds[second.id]["kind"] == "ticket.withdrawn"
    assert kinds[second.id]["changes"]["reason"] == "ada missed another offer"


async def test_when_the_only_speaker_leaves_the_ticket_moves_at_once(desk: "Desk") -> None:
    await goes(desk, "ada", "available")
    await goes(desk, "boris", "busy")  # he speaks Russian, and is on duty
    await desk.write(language="ru")
    await desk.settle()
    assert await desk.tickets(offered_to="ada") == []
    await goes(desk, "boris", "offline")
    assert len(await desk.tickets(offered_to="ada")) == 1


async def test_tickets_of_a_queue_that_is_gone_come_to_the_fallback_queue(desk: "Desk") -> None:
    await desk.write("refund please")
    await desk.settle()
    (ticket,) = await desk.tickets(queue="billing")
    due = (await desk.reader.ticket(ticket.id)).work.due
    carla = SETTINGS["agents"]["carla"] | {"queues": ["support"]}
    changed = {"queues": {"support": {"fallback": True}}, "rules": []}
    await reload(desk, SETTINGS | changed | {"agents": SETTINGS["agents"] | {"carla": carla}})
    stored = await desk.reader.ticket(ticket.id)
    assert (stored.record.queue, stored.work.due) == ("support", due)
    assert str(stored.work.queue_position).startswith("support|")
    assert stored.work.history[-1]["changes"]["reason"] == "the queue is no longer in the configuration"


async def test_tickets_follow_a_queue_to_its_other_name_and_stay_with_their_agent(desk: "Desk") -> None:
    await goes(desk, "carla", "available")
    await desk.write("refund please")
    await desk.settle()
    (ticket,) = await desk.tickets(offered_to="carla")
    await desk.actions.accept(ticket.id, "carla", actor="agent:carla")
    carla = SETTINGS["agents"]["carla"] | {"queues": ["money"]}
    queues = {"support": {"fallback": True}, "money": {"formerly": ["billing"]}}
    await reload(desk, SETTINGS | {"queues": queues, "rules": [], "agents": SETTINGS["agents"] | {"carla": carla}})
    record = (await desk.reader.ticket(ticket.id)).record
    assert (record.queue, record.assignee) == ("money", "carla")


async def test_an_offer_is_taken_back_from_whoever_no_longer_serves_the_queue(desk: "Desk") -> None:
    await goes(desk, "carla", "available")
    await desk.write("refund please")
    await desk.settle()
    assert len(await desk.tickets(offered_to="carla")) == 1
    carla = SETTINGS["agents"]["carla"] | {"queues": ["support"]}
    await reload(desk, SETTINGS | {"agents": SETTINGS["agents"] | {"carla": carla}})
    (ticket,) = await desk.tickets(queue="billing")
    assert ticket.offer is None


async def test_a_lower_capacity_takes_nothing_away_and_adds_nothing_until_there_is_room(desk: "Desk") -> None:
    await goes(desk, presence="available")
    for sender in "abc":
        await desk.write(sender=f"{sender}@example.org")
    await desk.settle()
    for ticket in await desk.tickets(offered_to="ada"):
        await desk.actions.accept(ticket.id, "ada", actor=AGENT)
    ada = SETTINGS["agents"]["ada"] | {"capacity": 2}
    await reload(desk, SETTINGS | {"agents": SETTINGS["agents"] | {"ada": ada}})
    held = await desk.tickets(assignee="ada")
    await desk.write(sender="d@example.org")
    await desk.settle()
    assert (len(held), await desk.tickets(offered_to="ada")) == (3, [])
    for count, ticket in enumerate(held[:2], start=1):
        await desk.actions.reply(ticket.id, Writing(agent="ada", text="Done", actor=AGENT, status="solved"))
        await desk.settle()
        assert len(await desk.tickets(offered_to="ada")) == count // 2


async def test_the_customer_of_a_chat_is_told_once_in_their_language(desk: "Desk") -> None:
    ticket = await held_by_ada(desk, channel="chat", language="es")
    await goes(desk)
    await passes(desk, 29_000)
    assert await holder(desk, ticket) == "ada"
    await passes(desk, 1_000)
    assert await holder(desk, ticket) is None
    told = desk.sent[-1]
    assert [each.article_id for each in desk.sent if each.text == told.text] == [told.article_id]
    assert (told.automatic, told.author, told.language) == (True, "", "es")
    assert told.text.startswith("Ada ha tenido que dejar este chat")


async def test_a_colleague_takes_over_from_an_agent_who_is_offline_and_from_nobody_else(desk: "Desk") -> None:
    await reload(desk, with_policy("keep"))
    ticket = await held_by_ada(desk)
    with pytest.raises(Conflict, match="assigned to ada"):
        await desk.actions.accept(ticket.id, "boris", actor="agent:boris", take_over=True)
    await goes(desk)
    with pytest.raises(Conflict, match="assigned to ada"):
        await desk.actions.accept(ticket.id, "boris", actor="agent:boris")
    await desk.actions.accept(ticket.id, "boris", actor="agent:boris", take_over=True)
    assert await holder(desk, ticket) == "boris"
    assert [agent.load for agent in await desk.agents.all(desk.policy.settings)] == [0, 1, 0]


async def test_declined_by_everybody_is_counted_until_somebody_is_asked_again(
    desk: "Desk",
) -> None:
    async def declined() -> int:
        return (await queue_state(desk.reader.index, desk.policy.settings, "support")).declined

    for agent in ("ada", "boris"):
        await goes(desk, agent, "available")
    await desk.write()
    await desk.settle()
    for expected in (0, 1):
        (ticket,) = await desk.tickets()
        assert ticket.offer is not None
        await desk.actions.decline(ticket.id, ticket.offer.agent, actor="x", reason="no")
        await desk.settle()
        assert await declined() == expected
    await goes(desk, "ada", "available")  # a sign of life: she is asked again
    assert await declined() == 0


async def test_what_a_process_with_the_old_configuration_gives_to_somebody_gone_comes_back(desk: "Desk") -> None:
    await reload(desk, without("ada"))
    await desk.write()
    await desk.settle()
    (ticket,) = await desk.tickets()
    desk.configure(SETTINGS)  # as a process that was not told to reload
    await desk.actions.assign(ticket.id, "ada", actor="agent:lead", force=True)
    desk.configure(without("ada"))
    await desk.settle()
    assert await holder(desk, ticket) is None


async def test_a_process_whose_clock_is_behind_leaves_the_look_for_its_time(desk: "Desk") -> None:
    await reload(desk, with_policy("hand_over"))
    ticket = await held_by_ada(desk)
    await goes(desk)
    desk.clock.advance(5 * MINUTE)
    slow = ManualClock(desk.clock.now() - 5)
    behind = Absence(desk.engine, slow, policy=lambda: desk.policy, senders={})
    queue = desk.offers._keys.offers
    batch = await queue.claim(desk.clock.now(), lanes=9)
    for entry in [entry for lane in batch.lanes for entry in lane]:
        await (behind.handle if b'"held"' in entry.payload else desk.router_events.handle)(entry)
        await queue.finish(entry, desk.clock.now())
    assert await holder(desk, ticket) == "ada"
    await desk.settle()
    assert await holder(desk, ticket) is None


async def test_a_promise_that_becomes_shorter_brings_a_ticket_at_risk_home_in_time(desk: "Desk") -> None:
    def promised(soon: str) -> dict[str, Any]:
        return with_policy("at_risk", after="0s") | {"sla": [{"name": "all", "targets": {"first_response": soon}}]}

    await reload(desk, promised("8h"))
    await desk.clock_events.announce()
    ticket = await held_by_ada(desk)
    await goes(desk)
    await reload(desk, promised("1h"))
    await desk.clock_events.announce()
    await passes(desk, 45 * MINUTE)
    assert await holder(desk, ticket) is None
