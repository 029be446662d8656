"""Of two agents who answer a ticket the second is asked, over the API and before a held reply has left."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict, Invalid, PreconditionFailed
from trunkline.desk.views.happenings import happenings
from trunkline.router.held_list import HeldReply
from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import Seen, Writing

if TYPE_CHECKING:
    from .conftest import Desk

ADA, BORIS = "ada", "boris"
NAMES = {"ada": "Ada", "boris": "Boris"}


async def opened(desk: "Desk", *, holder: str = ADA) -> Ticket:
    await desk.write("my lamp is broken", conversation="lamp", name="Maria")
    await desk.settle()
    (ticket,) = await desk.tickets()
    if holder:
        await desk.actions.assign(ticket.id, holder, actor="agent:lead", force=True)
    desk.clock.advance(600_000)
    return ticket


def writing(agent: str, **more: Any) -> Writing:
    return Writing(**({"text": "Try another bulb", "agent": agent, "actor": f"agent:{agent}", "seen": Seen()} | more))


async def reply(desk: "Desk", ticket: Ticket, agent: str, **more: Any) -> str:
    article = await desk.actions.reply(ticket.id, writing(agent, **more))
    await desk.settle()
    return article


async def hold(desk: "Desk", ticket: Ticket, agent: str, **more: Any) -> HeldReply:
    return await desk.held.hold(ticket.id, writing(agent, **more), undo=timedelta(seconds=10))


async def newest(desk: "Desk", ticket: Ticket) -> str:
    return (await desk.reader.article_ids(ticket.id))[-1]


async def refused(desk: "Desk", ticket: Ticket, agent: str, **more: Any) -> tuple[str, list[tuple[str, str]]]:
    """What is said to whoever is asked, and what came between."""
    with pytest.raises(Conflict) as caught:
        await desk.actions.reply(ticket.id, writing(agent, **more))
    return caught.value.detail, [(each.kind, each.by) for each in caught.value.facts["between"]]


async def test_whoever_answers_what_its_holder_answered_moments_ago_is_asked(desk: "Desk") -> None:
    ticket = await opened(desk)
    await reply(desk, ticket, ADA)
    desk.clock.advance(20_000)
    assert await refused(desk, ticket, BORIS) == ("Ada holds it and answered 20 s ago", [("answered", "Ada")])
    await reply(desk, ticket, ADA)
    desk.clock.advance(120_001)
    await reply(desk, ticket, BORIS)


async def test_the_holder_is_asked_only_for_what_they_say_they_have_not_seen(desk: "Desk") -> None:
    ticket = await opened(desk)
    seen = await newest(desk, ticket)
    await reply(desk, ticket, BORIS)
    desk.clock.advance(3_600_000)
    words, between = await refused(desk, ticket, ADA, seen=Seen(article=seen))
    assert (words, between) == ("Boris answered 1 h ago", [("answered", "Boris")])
    await reply(desk, ticket, ADA, seen=Seen(article=await newest(desk, ticket)))
    await reply(desk, ticket, ADA)


async def test_whoever_insists_answers_and_the_history_says_so(desk: "Desk") -> None:
    ticket = await opened(desk)
    await reply(desk, ticket, ADA)
    desk.clock.advance(5_000)
    await reply(desk, ticket, BORIS, force=True)
    stored = await desk.reader.ticket(ticket.id)
    told = [each.words for each in happenings(stored.work.history, NAMES)]
    assert told[-1] == "Answered all the same by Boris, although Ada holds it and answered 5 s ago"
    await reply(desk, ticket, ADA, force=True, seen=Seen(article=await newest(desk, ticket)))
    assert len((await desk.reader.ticket(ticket.id)).work.history) == len(stored.work.history)


async def test_a_reply_that_can_still_be_taken_back_counts_until_it_is(desk: "Desk") -> None:
    ticket = await opened(desk, holder="")
    held = await hold(desk, ticket, ADA)
    desk.clock.advance(3_000)
    assert (await refused(desk, ticket, BORIS))[0] == "Ada is sending an answer, written 3 s ago"
    with pytest.raises(Conflict):
        await hold(desk, ticket, BORIS)
    await hold(desk, ticket, ADA, text="One more thing")
    seen = Seen(article=await newest(desk, ticket), held=[each.id for each in await desk.held.of(ticket.id)])
    boris = await hold(desk, ticket, BORIS, seen=seen)
    for each in await desk.held.of(ticket.id):
        if each.id != boris.id:
            await desk.held.take_back(each.id)
    await reply(desk, ticket, BORIS)
    assert held.id not in [each.id for each in await desk.held.of(ticket.id)]


async def test_one_that_was_seen_before_it_left_needs_no_question_when_it_has(desk: "Desk") -> None:
    ticket = await opened(desk)
    held = await hold(desk, ticket, ADA)
    seen = Seen(article=await newest(desk, ticket), held=[held.id])
    desk.clock.advance(10_000)
    await desk.settle()
    await reply(desk, ticket, BORIS, seen=seen)


async def test_whoever_looked_before_somebody_took_it_is_asked(desk: "Desk") -> None:
    ticket = await opened(desk, holder="")
    seen = Seen(article=await newest(desk, ticket))
    await desk.actions.assign(ticket.id, ADA, actor="agent:ada", force=True)
    desk.clock.advance(5_000)
    assert await refused(desk, ticket, BORIS, seen=seen) == ("Ada took it 5 s ago", [("took", "Ada")])
    await reply(desk, ticket, BORIS, seen=Seen(article=seen.article, at=desk.clock.now()))


async def test_that_the_customer_wrote_is_asked_for_only_on_request(desk: "Desk") -> None:
    ticket = await opened(desk)
    seen = await newest(desk, ticket)
    await desk.write("it is the cable", conversation="lamp", name="Maria")
    await desk.settle()
    desk.clock.advance(2_000)
    asked = Seen(article=seen, asks_for_messages=True)
    assert await refused(desk, ticket, ADA, seen=asked) == ("Maria wrote again 2 s ago", [("wrote", "Maria")])
    await reply(desk, ticket, ADA, seen=Seen(article=seen))


async def test_nothing_may_have_happened_since_a_revision_that_is_named(desk: "Desk") -> None:
    ticket = await opened(desk)
    revision = (await desk.reader.ticket(ticket.id)).record.revision
    await desk.write("it is the cable", conversation="lamp", name="Maria")
    await desk.settle()
    with pytest.raises(PreconditionFailed):
        await desk.actions.reply(ticket.id, writing(ADA, seen=Seen(revision=revision)))
    now = (await desk.reader.ticket(ticket.id)).record.revision
    await reply(desk, ticket, ADA, seen=Seen(revision=now))


async def test_an_article_of_another_ticket_cannot_have_been_seen(desk: "Desk") -> None:
    ticket = await opened(desk)
    with pytest.raises(Invalid):
        await desk.actions.reply(ticket.id, writing(ADA, seen=Seen(article="0195c516-0000-7000-8000-000000000000")))


async def test_of_two_who_answer_in_the_same_moment_one_is_asked(desk: "Desk") -> None:
    ticket = await opened(desk, holder="")
    seen = Seen(article=await newest(desk, ticket), at=desk.clock.now())
    ways = [desk.actions.reply(ticket.id, writing(agent, seen=seen)) for agent in (ADA, BORIS)]
    came = await asyncio.gather(*ways, return_exceptions=True)
    assert sorted(type(each).__name__ for each in came) == ["Conflict", "str"]
    holds = [desk.held.hold(ticket.id, writing(a, seen=seen, force=False), undo=timedelta(seconds=5)) for a in NAMES]
    assert any(isinstance(each, Conflict) for each in await asyncio.gather(*holds, return_exceptions=True))


async def test_a_request_that_comes_twice_is_answered_as_before_whatever_came_between(desk: "Desk") -> None:
    ticket = await opened(desk)
    seen = Seen(article=await newest(desk, ticket))
    first = await reply(desk, ticket, ADA, seen=seen, key="click")
    await reply(desk, ticket, BORIS, force=True)
    assert await reply(desk, ticket, ADA, seen=seen, key="click") == first
