"""Tickets that are one case are merged by alias and parted again: what is whose stays so, whatever comes meanwhile."""

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict, NotFound, PreconditionFailed
from trunkline.gateway.command.explaining import explain_ticket
from trunkline.queue.identifiers import new_id
from trunkline.router.cases import MOST_TICKETS, Cases
from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import TicketChanges, Writing

if TYPE_CHECKING:
    from .conftest import Desk

ACTOR = "agent:ada"


def cases(desk: "Desk") -> Cases:
    return Cases(desk.engine, desk.clock)


async def opens(desk: "Desk", conversation: str, text: str = "hello", **facts: Any) -> None:
    """Somebody writes, and all that follows from it is done."""
    desk.clock.advance(1)
    await desk.write(text, conversation=conversation, **facts)
    await desk.settle()


async def two(desk: "Desk") -> None:
    """T-1 and T-2, of one person."""
    await opens(desk, "c:1", "first")
    await opens(desk, "c:2", "second")


async def ticket(desk: "Desk", number: str) -> Ticket:
    return (await desk.reader.ticket(number)).record


async def texts(desk: "Desk", number: str) -> list[str]:
    """What customers wrote in this ticket alone."""
    articles = [
        await desk.reader.article(id_) for id_ in await desk.reader.article_ids((await ticket(desk, number)).id)
    ]
    return [each.text for each in articles if each.author.kind == "customer"]


def writing(text: str = "an answer", **more: Any) -> Writing:
    return Writing(text=text, actor=ACTOR, agent="ada", **more)


async def test_a_merged_ticket_keeps_what_is_its_own_and_leaves_its_queue(desk: "Desk") -> None:
    await two(desk)
    into = await cases(desk).merge("T-2", "T-1", actor=ACTOR, reason="the same lamp")
    merged = await ticket(desk, "T-2")
    assert (merged.status, merged.resolution, merged.merged_into) == ("closed", "merged", into.id)
    assert (into.number, into.merged, into.merged_into) == ("T-1", (merged.id,), None)
    assert await texts(desk, "T-2") == ["second"]
    assert await desk.reader.index.count_waiting("support") == 1
    assert await desk.reader.index.count("queue:support:new") == 1
    lines = [line for line in await desk.lines() if "other" in line.data]
    assert [(line.kind, line.data["other"]["number"], line.data["actor"]) for line in lines] == [
        ("ticket.merged", "T-1", ACTOR),
        ("ticket.updated", "T-2", ACTOR),
    ]
    assert lines[0].data["reason"] == "the same lamp"
    assert lines[1].data["changes"]["merged"] == [[], [merged.id]]


async def test_a_message_to_a_merged_ticket_wakes_the_one_that_stands_for_it_and_opens_no_follow_up(
    desk: "Desk",
) -> None:
    await two(desk)
    await desk.actions.change("T-1", TicketChanges(status="solved"), actor=ACTOR)
    await desk.actions.reply("T-2", writing())
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    assert (await ticket(desk, "T-1")).status == "solved"
    await opens(desk, "c:2", "it still flickers")
    assert [each.number for each in await desk.tickets()] == ["T-1", "T-2"]
    into, merged = await ticket(desk, "T-1"), await ticket(desk, "T-2")
    assert (into.status, into.reopened, merged.status) == ("open", 1, "closed")
    assert await texts(desk, "T-2") == ["second", "it still flickers"]
    received = [line for line in await desk.lines() if line.kind == "message.received"][-1]
    assert (received.subject, received.data["article"]["ticket"]) == (into.id, merged.id)
    assert into.last_message_at == desk.clock.now()


async def test_messages_follow_over_chains_and_parting_in_the_middle_takes_along_what_was_merged_there(
    desk: "Desk",
) -> None:
    for number in range(1, 5):
        await opens(desk, f"c:{number}")
    for one, other in (("T-4", "T-3"), ("T-3", "T-2"), ("T-2", "T-1")):
        await cases(desk).merge(one, other, actor=ACTOR)
    first = await ticket(desk, "T-1")
    assert {each.merged_into for each in await desk.tickets() if each.number != "T-1"} == {first.id}
    assert len(first.merged) == 3
    await opens(desk, "c:4", "from the end of the chain")
    assert [line.data["ticket"]["number"] for line in await desk.lines() if line.kind == "message.received"][
        -1
    ] == "T-1"
    third = await cases(desk).unmerge("T-3", actor=ACTOR)
    fourth = await ticket(desk, "T-4")
    assert (third.status, third.merged, fourth.merged_into) == ("new", (fourth.id,), third.id)
    assert (await ticket(desk, "T-1")).merged == ((await ticket(desk, "T-2")).id,)
    await opens(desk, "c:4", "again")
    assert [line.data["ticket"]["number"] for line in await desk.lines() if line.kind == "message.received"][
        -1
    ] == "T-3"


async def test_what_cannot_be_merged_says_why_and_a_decision_can_be_repeated(desk: "Desk") -> None:
    for number in range(1, 5):
        await opens(desk, f"c:{number}")
    people = cases(desk)
    with pytest.raises(Conflict, match="into itself"):
        await people.merge("T-1", "T-1", actor=ACTOR)
    with pytest.raises(NotFound):
        await people.merge("T-1", new_id(desk.clock.now()), actor=ACTOR)
    with pytest.raises(Conflict, match="T-1 is not merged"):
        await people.unmerge("T-1", actor=ACTOR)
    with pytest.raises(PreconditionFailed):
        await people.merge("T-2", "T-1", actor=ACTOR, revision=1)
    into = await people.merge("T-2", "T-1", actor=ACTOR, revision=(await ticket(desk, "T-2")).revision)
    assert await people.merge("T-2", "T-1", actor=ACTOR) == into
    for decided in (people.merge("T-3", "T-2", actor=ACTOR), people.preview("T-3", "T-2")):
        with pytest.raises(Conflict, match="T-2 is itself merged into T-1; merge into T-1"):
            await decided
    for decided in (people.merge("T-2", "T-3", actor=ACTOR), people.preview("T-2", "T-3")):
        with pytest.raises(Conflict, match="T-2 is merged into T-1 already"):
            await decided
    with pytest.raises(Conflict, match="T-2 is itself merged into T-1"):  # which would be a circle
        await people.merge("T-1", "T-2", actor=ACTOR)
    await desk.actions.change("T-4", TicketChanges(status="closed"), actor=ACTOR)
    with pytest.raises(Conflict, match="T-4 is closed"):
        await people.merge("T-3", "T-4", actor=ACTOR)
    await people.merge("T-4", "T-3", actor=ACTOR)
    back = await people.unmerge("T-4", actor=ACTOR)
    assert (back.status, back.resolution) == ("closed", "resolved")


async def test_nothing_is_done_in_a_merged_ticket_but_to_write_and_the_refusal_says_where_to_work(
    desk: "Desk",
) -> None:
    await two(desk)
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    for act in (
        desk.actions.accept("T-2", "ada", actor=ACTOR),
        desk.actions.assign("T-2", "ada", actor=ACTOR),
        desk.actions.release("T-2", actor=ACTOR),
        desk.actions.change("T-2", TicketChanges(status="open"), actor=ACTOR),
    ):
        with pytest.raises(Conflict, match="T-2 is merged into T-1; work there"):
            await act


async def test_an_answer_by_a_merged_ticket_goes_to_who_wrote_there_and_counts_for_the_case(desk: "Desk") -> None:
    await opens(desk, "c:1", sender="maria@example.org")
    await opens(desk, "c:2", sender="li@example.org")
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    desk.sent.clear()
    await desk.actions.reply("T-2", writing(status="solved"))
    await desk.actions.reply("T-1", writing())
    await desk.settle()
    assert {(each.to, each.number) for each in desk.sent} == {("li@example.org", "T-2"), ("maria@example.org", "T-1")}
    into = await ticket(desk, "T-1")
    assert (into.status, into.assignee) == ("solved", "ada")
    queued = [line for line in await desk.lines() if line.kind == "message.queued" and line.data["actor"] == ACTOR]
    assert {line.subject for line in queued} == {into.id}
    await opens(desk, "c:2", "And my chair?", sender="li@example.org")
    assert (await ticket(desk, "T-1")).status == "open"


async def test_who_takes_part_in_one_ticket_of_a_case_takes_part_in_no_other(desk: "Desk") -> None:
    await opens(desk, "mail:1", sender="maria@example.org", channel="mail")
    await opens(desk, "mail:2", sender="li@example.org", channel="mail")
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    await opens(desk, "mail:1", "I have seen the id of her mail", sender="li@example.org", channel="mail")
    assert [each.number for each in await desk.tickets()] == ["T-1", "T-2", "T-3"]
    for number, key in (("T-1", "email:maria@example.org"), ("T-2", "email:li@example.org")):
        assert list((await desk.reader.ticket(number)).work.participants) == [key]


async def test_what_waits_in_the_merged_one_wakes_the_other_and_its_agent_keeps_the_case(desk: "Desk") -> None:
    await two(desk)
    await desk.actions.change("T-1", TicketChanges(status="pending"), actor=ACTOR)
    await desk.actions.assign("T-2", "boris", actor=ACTOR)
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    into, stored = await ticket(desk, "T-1"), await desk.reader.ticket("T-1")
    assert (into.status, into.assignee) == ("open", "boris")
    assert stored.work.customer_waits_since is not None
    assert (await load_of(desk, "boris"), await load_of(desk, "ada")) == (1, 0)


async def load_of(desk: "Desk", agent: str) -> int:
    return (await desk.agents.one(desk.policy.settings, agent)).load


async def test_parting_gives_back_status_agent_and_clock_where_they_can_be(desk: "Desk") -> None:
    await desk.actions.presence("boris", "available", actor=ACTOR)
    await two(desk)
    await desk.actions.assign("T-2", "boris", actor=ACTOR, force=True)
    await desk.actions.assign("T-1", "ada", actor=ACTOR, force=True)
    waited = (await desk.reader.ticket("T-2")).work.customer_waits_since
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    assert await load_of(desk, "boris") == 0
    back = await cases(desk).unmerge("T-2", actor=ACTOR)
    assert (back.status, back.assignee, back.resolution) == ("open", "boris", None)
    assert (await load_of(desk, "boris"), await load_of(desk, "ada")) == (1, 1)
    assert (await desk.reader.ticket("T-2")).work.customer_waits_since == waited
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    await desk.actions.presence("boris", "offline", actor=ACTOR)
    back = await cases(desk).unmerge("T-2", actor=ACTOR)
    assert (back.status, back.assignee) == ("open", None)
    assert (await desk.reader.ticket("T-2")).work.previous_agent == "boris"


async def due(desk: "Desk", *numbers: str) -> list[int]:
    return [(await desk.reader.ticket(number)).work.due for number in numbers]


async def test_a_case_is_due_when_the_first_of_its_tickets_is_and_parting_gives_back(desk: "Desk") -> None:
    await opens(desk, "c:1", "first")
    for number in (2, 3):
        desk.clock.advance(60_000)
        await opens(desk, f"c:{number}", "later")
    own = await due(desk, "T-1", "T-2", "T-3")
    assert own == sorted(own)
    await cases(desk).merge("T-2", "T-3", actor=ACTOR)
    assert await due(desk, "T-3") == [own[1]]
    await cases(desk).merge("T-1", "T-3", actor=ACTOR)
    assert await due(desk, "T-3") == [own[0]]
    assert [place.order for place in await desk.reader.index.most_due("support", 5)] == [f"{own[0]:016d}"]
    await cases(desk).unmerge("T-1", actor=ACTOR)
    assert await due(desk, "T-1", "T-3") == [own[0], own[1]]
    await cases(desk).unmerge("T-2", actor=ACTOR)
    assert await due(desk, "T-1", "T-2", "T-3") == own
    assert await desk.reader.index.count_waiting("support") == 3


async def test_what_was_answered_or_is_parked_makes_no_case_due_before(desk: "Desk") -> None:
    for number in (1, 2, 3):
        await opens(desk, f"c:{number}")
        desk.clock.advance(60_000)
    (before,) = await due(desk, "T-3")
    await desk.actions.reply("T-1", writing())
    await desk.actions.change("T-2", TicketChanges(status="on_hold"), actor=ACTOR)
    for number in ("T-1", "T-2"):
        await cases(desk).merge(number, "T-3", actor=ACTOR)
    assert await due(desk, "T-3") == [before]


async def test_a_priority_that_somebody_gives_a_case_counts_from_then_on(desk: "Desk") -> None:
    await opens(desk, "c:1")
    desk.clock.advance(60_000)
    await opens(desk, "c:2")
    own = await due(desk, "T-1", "T-2")
    await cases(desk).merge("T-1", "T-2", actor=ACTOR)
    await desk.actions.change("T-2", TicketChanges(priority=4), actor=ACTOR)
    (given,) = await due(desk, "T-2")
    assert given > own[1]
    await cases(desk).unmerge("T-1", actor=ACTOR)
    assert await due(desk, "T-1", "T-2") == [own[0], given]


async def test_whoever_wrote_meanwhile_waits_in_their_own_ticket_after_parting_and_nobody_else_does(
    desk: "Desk",
) -> None:
    await two(desk)
    for number in ("T-1", "T-2"):
        await desk.actions.reply(number, writing(status="pending"))
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    await opens(desk, "c:2", "and another thing")
    assert (await desk.reader.ticket("T-1")).work.customer_waits_since == desk.clock.now()
    back = await cases(desk).unmerge("T-2", actor=ACTOR)
    assert back.status == "open"
    assert (await desk.reader.ticket("T-2")).work.customer_waits_since == desk.clock.now()
    assert (await desk.reader.ticket("T-1")).work.customer_waits_since is None


async def test_an_answer_in_the_case_is_one_for_the_ticket_that_is_parted_afterwards(desk: "Desk") -> None:
    await two(desk)
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    desk.clock.advance(5)
    await desk.actions.reply("T-1", writing())
    await cases(desk).unmerge("T-2", actor=ACTOR)
    stored = await desk.reader.ticket("T-2")
    assert stored.work.customer_waits_since is None
    assert stored.record.first_response_at == desk.clock.now()


async def test_a_message_filed_while_its_ticket_is_merged_comes_into_the_case(desk: "Desk") -> None:
    for turn in range(10):
        one, other = f"T-{2 * turn + 1}", f"T-{2 * turn + 2}"
        await opens(desk, f"a:{turn}")
        await opens(desk, f"b:{turn}")
        for n in range(4):
            await desk.write(f"line {n}", conversation=f"b:{turn}", lane=f"{turn}-{n}")
        await asyncio.gather(
            cases(desk).merge(other, one, actor=ACTOR), *(desk.filers.run_once() for _ in range(4)), desk.filers.drain()
        )
        stands, merged = await desk.reader.ticket(one), await ticket(desk, other)
        assert merged.merged_into == stands.record.id
        assert len(await texts(desk, other)) == 5
        assert stands.record.status == "new"
        assert stands.work.customer_waits_since is not None


async def test_a_held_reply_of_a_ticket_that_was_merged_meanwhile_leaves_where_it_was_meant_to(desk: "Desk") -> None:
    await opens(desk, "c:1", sender="maria@example.org")
    await opens(desk, "c:2", sender="li@example.org")
    await desk.held.hold("T-2", writing("for Li", status="solved"), undo=timedelta(seconds=10))
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    desk.clock.advance(10_000)
    desk.sent.clear()
    await desk.settle()
    assert [(each.to, each.text) for each in desk.sent] == [("li@example.org", "for Li")]
    assert (await ticket(desk, "T-1")).status == "solved"


async def test_the_explanation_of_a_merged_ticket_says_where_it_went(desk: "Desk") -> None:
    await two(desk)
    await cases(desk).merge("T-2", "T-1", actor=ACTOR, reason="the same lamp")
    told = {
        each: (await explain_ticket(desk.engine, desk.reader, desk.policy, each, desk.clock.now())).lines
        for each in ("T-1", "T-2")
    }
    assert any("merged into T-1 by agent:ada" in line and "the same lamp" in line for line in told["T-2"])
    assert "  stands for T-2, merged into it" in told["T-1"]


async def test_a_case_has_a_bound(desk: "Desk") -> None:
    for number in range(MOST_TICKETS + 1):
        await desk.write(conversation=f"c:{number}", assurance=0)
    await desk.settle()
    for number in range(2, MOST_TICKETS + 1):
        await cases(desk).merge(f"T-{number}", "T-1", actor=ACTOR)
    with pytest.raises(Conflict, match="at most"):
        await cases(desk).merge(f"T-{MOST_TICKETS + 1}", "T-1", actor=ACTOR)


@pytest.mark.parametrize("seed", range(4))
async def test_after_all_is_undone_each_ticket_has_what_it_would_have_had(desk: "Desk", seed: int) -> None:
    draw, people, written = random.Random(seed), cases(desk), dict[str, list[str]]()
    for number in range(1, 7):
        await opens(desk, f"c:{number}", f"T-{number} begins")
        written[f"T-{number}"] = [f"T-{number} begins"]
    for turn in range(60):
        desk.clock.advance(draw.randrange(3))
        one, other = draw.sample(sorted(written), 2)
        move = draw.choice(["write", "write", "merge", "part", "answer", "park"])
        try:
            if move == "write":
                written[one].append(f"turn {turn}")
                await desk.write(f"turn {turn}", conversation=f"c:{one[2:]}")
            elif move == "merge":
                await people.merge(one, other, actor=ACTOR)
            elif move == "part":
                await people.unmerge(one, actor=ACTOR)
            elif move == "answer":
                await desk.actions.reply(one, writing(f"answer {turn}"))
            else:
                await desk.actions.change(one, TicketChanges(status="solved"), actor=ACTOR)
        except Conflict:
            continue
        await desk.settle()
        await demand_order(desk, written)
    for each in sorted(written, key=lambda _: draw.random()):
        if (await ticket(desk, each)).merged_into:
            await people.unmerge(each, actor=ACTOR)
    assert [each.number for each in await desk.tickets()] == sorted(written)
    for number, expected in written.items():
        stored = await desk.reader.ticket(number)
        assert await texts(desk, number) == expected
        assert (stored.record.merged, stored.work.merge) == ((), None)
        key = await desk.engine.call("HGET", desk.actions._keys.threads, f"c:{number[2:]}")
        assert key.decode() == stored.record.id


async def demand_order(desk: "Desk", written: dict[str, list[str]]) -> None:
    """At every step: nothing lost, nothing doubled, every ticket stands for itself or for one that does."""
    tickets = {each.id: each for each in await desk.tickets()}
    for each in tickets.values():
        assert await texts(desk, each.number) == written[each.number]
        if each.merged_into:
            assert each.id in tickets[each.merged_into].merged
            assert not each.merged
            assert tickets[each.merged_into].merged_into is None
        else:
            assert all(tickets[id_].merged_into == each.id for id_ in each.merged)
    sequences: dict[str, int] = {}
    for line in await desk.lines():
        if "ticket" in line.data:
            assert line.sequence == sequences.get(line.subject, 0) + 1
            sequences[line.subject] = line.sequence
