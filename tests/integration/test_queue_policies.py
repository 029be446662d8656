"""What a queue says of waiting: for a speaker, for the agent who had the ticket before, and after all have declined."""

from typing import TYPE_CHECKING, Any

import pytest

from trunkline.desk.views.why import why_nobody
from trunkline.router.candidacy import candidacy
from trunkline.router.records import Offer, Ticket
from trunkline.router.ticket_requests import TicketChanges, Writing

if TYPE_CHECKING:
    from .conftest import Desk

MINUTE = 60_000
HOURS = 4 * 60 * MINUTE  # the house's time for a first response at priority 3


def settings(speaker: str = "en", **support: Any) -> dict[str, Any]:
    agents = {
        name: {"name": name.title(), "queues": ["support"], "languages": [language], "capacity": 1}
        for name, language in (("ada", "en"), ("boris", speaker))
    }
    return {"queues": {"support": {"fallback": True, **support}}, "agents": agents}


async def start(desk: "Desk", *people: str, **support: Any) -> None:
    desk.configure(settings(**support))
    await desk.start()
    for agent in people:
        await desk.actions.presence(agent, "available", actor=agent)
    await desk.settle()


async def arrive(desk: "Desk", text: str, **facts: Any) -> Ticket:
    """A ticket of somebody of their own."""
    await desk.write(text, sender=f"{text}@example.org", **facts)
    await desk.settle()
    return next(each for each in await desk.tickets() if each.language == facts.get("language", "unknown"))


async def now_of(desk: "Desk", ticket: Ticket) -> Ticket:
    await desk.settle()
    return (await desk.reader.ticket(ticket.id)).record


async def told(desk: "Desk", ticket: Ticket) -> str:
    stored = await desk.reader.ticket(ticket.id)
    found = await candidacy(desk.engine, desk.policy, stored, desk.clock.now())
    return why_nobody(stored, found, {}).sentence


async def test_where_the_language_is_required_nobody_else_ever_has_the_ticket(desk: "Desk") -> None:
    await start(desk, "ada", language="required", language_wait="0s")
    ticket = await arrive(desk, "hei", language="fi")
    desk.clock.advance(2 * HOURS)
    assert (await now_of(desk, ticket)).offer is None
    found = await candidacy(desk.engine, desk.policy, await desk.reader.ticket(ticket.id), desk.clock.now())
    assert found is not None
    outcomes = {each.outcome for each in why_nobody(await desk.reader.ticket(ticket.id), found, {}).candidates}
    assert outcomes == {"does not speak its language, as its queue requires", "is offline"}


async def test_a_language_that_is_no_longer_required_lets_waiting_tickets_go_and_one_that_is_keeps_them(
    desk: "Desk",
) -> None:
    await start(desk, "ada", language="required")
    ticket = await arrive(desk, "hei", language="fi")
    assert ticket.offer is None
    await start(desk, language="preferred")
    assert (await now_of(desk, ticket)).offer is not None
    await desk.actions.decline(ticket.id, "ada", actor="ada")
    await start(desk, language="required")
    await desk.actions.presence("ada", "available", actor="ada")
    assert (await now_of(desk, ticket)).offer is None


async def test_a_language_that_is_required_while_a_ticket_is_offered_is_needed_when_it_comes_back(desk: "Desk") -> None:
    await start(desk, "ada", language="preferred")
    ticket = await arrive(desk, "hei", language="fi")
    assert ticket.offer is not None
    await start(desk, language="required")
    await desk.actions.decline(ticket.id, "ada", actor="ada")
    await desk.actions.presence("boris", "available", actor="boris")
    assert (await now_of(desk, ticket)).offer is None


async def test_an_event_of_before_that_names_no_queue_is_done_with(desk: "Desk") -> None:
    await desk.settle()
    await desk.routers.queue.push("wishes:support", b'{"event":"wishes"}')
    assert await desk.handle_early(0) == 1


async def test_what_is_twice_as_old_as_promised_waits_for_no_speaker_any_more_whatever_others_have(
    desk: "Desk",
) -> None:
    await start(desk, "ada", speaker="ru")
    await desk.actions.presence("boris", "busy", actor="boris")
    first = await arrive(desk, "first")
    await desk.actions.accept(first.id, "ada", actor="ada")
    foreign = await arrive(desk, "privet", language="ru")
    desk.clock.advance(MINUTE)
    for number in range(2):
        await arrive(desk, f"own{number}", language="en")
    desk.clock.advance(2 * HOURS - 2 * MINUTE)
    own = await next_of(desk, first)
    assert own.language == "en"
    await desk.actions.accept(own.id, "ada", actor="ada")
    desk.clock.advance(MINUTE)
    assert (await next_of(desk, own)).id == foreign.id


async def next_of(desk: "Desk", done: Ticket) -> Ticket:
    """Ada is done with a ticket and is offered this."""
    await desk.settle()
    await desk.actions.change(done.id, TicketChanges(status="solved"), actor="ada")
    await desk.settle()
    (ticket,) = await desk.tickets(offered_to="ada")
    return ticket


async def woken_while_its_agent_is_full(desk: "Desk", **support: Any) -> Ticket:
    """Ada has had a ticket, which comes back while another is all that she can take; boris is free."""
    await start(desk, "ada", **support)
    ticket = await arrive(desk, "mine", conversation="c1")
    await desk.actions.accept(ticket.id, "ada", actor="ada")
    await desk.actions.reply(ticket.id, Writing(text="Which lamp?", actor="ada", agent="ada", status="pending"))
    other = await arrive(desk, "other", language="en")
    await desk.actions.accept(other.id, "ada", actor="ada")
    await desk.actions.presence("boris", "available", actor="boris")
    desk.clock.advance(MINUTE)
    await desk.write("the large one", sender="mine@example.org", conversation="c1")
    return await now_of(desk, ticket)


async def test_a_ticket_that_comes_back_is_kept_for_its_agent_for_a_while_and_then_goes_to_anybody(
    desk: "Desk",
) -> None:
    ticket = await woken_while_its_agent_is_full(desk)
    assert (ticket.status, ticket.offer, ticket.assignee) == ("open", None, None)
    assert await told(desk, ticket) == (
        "Nobody has it: it waits in support, kept for ada, who had it before, for 60 s more."
    )
    desk.clock.advance(MINUTE)
    offer = (await now_of(desk, ticket)).offer
    assert offer is not None
    assert offer.agent == "boris"


async def test_its_agent_has_it_as_soon_as_they_have_room_within_that_time(desk: "Desk") -> None:
    ticket = await woken_while_its_agent_is_full(desk)
    (other,) = await desk.tickets(assignee="ada", status="open")
    await desk.actions.change(other.id, TicketChanges(status="solved"), actor="ada")
    offer = (await now_of(desk, ticket)).offer
    assert offer is not None
    assert offer.agent == "ada"


@pytest.mark.parametrize("presence", ["busy", "away", "offline"])
async def test_nothing_is_kept_for_an_agent_who_is_not_asked_any_more(desk: "Desk", presence: str) -> None:
    ticket = await woken_while_its_agent_is_full(desk)
    await desk.actions.presence("ada", presence, actor="ada")
    offer = (await now_of(desk, ticket)).offer
    assert offer is not None
    assert offer.agent == "boris"


async def test_with_a_hold_of_nothing_the_free_one_has_it_at_once(desk: "Desk") -> None:
    ticket = await woken_while_its_agent_is_full(desk, hold="0s")
    assert ticket.offer is not None
    assert ticket.offer.agent == "boris"


async def test_what_all_have_declined_is_offered_anew_after_the_time_that_its_queue_says(desk: "Desk") -> None:
    await start(desk, "ada", ask_again="2min")
    ticket = await arrive(desk, "hello")
    await desk.actions.decline(ticket.id, "ada", actor="ada")
    assert (await now_of(desk, ticket)).offer is None
    assert (await told(desk, ticket)).endswith("has declined or missed it; they are asked again in 2 min.")
    desk.clock.advance(2 * MINUTE - 1)
    assert (await now_of(desk, ticket)).offer is None
    desk.clock.advance(1)
    offer = (await now_of(desk, ticket)).offer
    assert offer is not None
    assert offer.agent == "ada"


async def test_a_time_that_is_made_longer_meanwhile_is_waited_for(desk: "Desk") -> None:
    await start(desk, "ada", ask_again="2min")
    ticket = await arrive(desk, "hello")
    await desk.actions.decline(ticket.id, "ada", actor="ada")
    await desk.settle()
    await start(desk, ask_again="3min")
    desk.clock.advance(2 * MINUTE)
    assert (await now_of(desk, ticket)).offer is None
    desk.clock.advance(MINUTE)
    assert (await now_of(desk, ticket)).offer is not None


async def test_a_hold_ends_although_somebody_looked_by_a_clock_that_is_behind(desk: "Desk") -> None:
    ticket = await woken_while_its_agent_is_full(desk)
    assert (await handled_early(desk, ticket, MINUTE)).agent == "boris"


@pytest.mark.parametrize(("wait", "due"), [("2min", 2 * MINUTE), ("9h", 2 * HOURS)])
async def test_a_wish_ends_although_somebody_looked_by_a_clock_that_is_behind(
    desk: "Desk", wait: str, due: int
) -> None:
    await start(desk, "ada", speaker="ru", language_wait=wait)
    await desk.actions.presence("boris", "busy", actor="boris")
    ticket = await arrive(desk, "privet", language="ru")
    assert (await handled_early(desk, ticket, due)).agent == "ada"


async def test_those_who_are_left_are_asked_again_although_somebody_looked_by_a_clock_that_is_behind(
    desk: "Desk",
) -> None:
    await start(desk, "ada", "boris", ask_again="2min")
    await desk.actions.presence("boris", "busy", actor="boris")
    ticket = await arrive(desk, "hello")
    await desk.actions.decline(ticket.id, "ada", actor="ada")
    await desk.settle()
    desk.clock.advance(2 * MINUTE - 5)
    assert await desk.handle_early(5) == 1
    await desk.actions.presence("boris", "offline", actor="boris")
    desk.clock.advance(5)
    assert (await now_of(desk, ticket)).offer is None
    assert (await handled_early(desk, ticket, 2 * MINUTE)).agent == "ada"


async def handled_early(desk: "Desk", ticket: Ticket, due: int) -> Offer:
    """To whom it is offered when it is due, although it was looked at shortly before."""
    desk.clock.advance(due - 5)
    assert await desk.handle_early(5) == 1
    desk.clock.advance(5)
    offer = (await now_of(desk, ticket)).offer
    assert offer is not None
    return offer
