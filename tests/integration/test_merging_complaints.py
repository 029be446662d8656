"""What users of other desks report of merging and splitting, each by its public report, does not happen here."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict
from trunkline.router.cases import Cases
from trunkline.router.split_plan import SplitRequest
from trunkline.router.splits import Splits
from trunkline.router.ticket_requests import TicketChanges, Writing

if TYPE_CHECKING:
    from .conftest import Desk

ACTOR = "agent:ada"


def cases(desk: "Desk") -> Cases:
    return Cases(desk.engine, desk.clock)


async def says(desk: "Desk", conversation: str, text: str, **facts: Any) -> None:
    """Maria writes, and all that follows from it is done."""
    desk.clock.advance(1)
    await desk.write(text, conversation=conversation, **facts)
    await desk.settle()


async def texts(desk: "Desk", number: str) -> list[str]:
    """What people wrote in a case."""
    ticket = (await desk.reader.ticket(number)).record
    articles = [await desk.reader.article(id_) for id_ in await desk.reader.case_article_ids(ticket)]
    return [each.text for each in articles if each.author.kind != "system"]


def writing(text: str, **more: Any) -> Writing:
    return Writing(text=text, actor=ACTOR, agent="ada", **more)


async def test_zammad_983_an_answer_to_a_merged_ticket_comes_into_the_other_and_it_can_be_merged_again(
    desk: "Desk",
) -> None:
    for number in (1, 2, 3):
        await says(desk, f"c:{number}", f"message {number}")
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    await says(desk, "c:2", "an answer to the merged one")
    assert (await texts(desk, "T-1"))[-1] == "an answer to the merged one"
    with pytest.raises(Conflict, match="T-2 is merged into T-1 already; undo that first"):
        await cases(desk).merge("T-2", "T-3", actor=ACTOR)
    await cases(desk).unmerge("T-2", actor=ACTOR)
    await cases(desk).merge("T-2", "T-3", actor=ACTOR)
    assert await texts(desk, "T-3") == ["message 2", "message 3", "an answer to the merged one"]


async def test_zammad_5714_what_is_written_on_a_merged_ticket_is_seen_in_the_other(desk: "Desk") -> None:
    await says(desk, "c:1", "first")
    await says(desk, "c:2", "second")
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    desk.clock.advance(1)
    await desk.actions.note("T-2", writing("a note on the merged one"))
    assert await texts(desk, "T-1") == ["first", "second", "a note on the merged one"]


async def test_osticket_5325_an_accidental_merge_is_undone_and_replies_since_go_where_they_belong(
    desk: "Desk",
) -> None:
    await says(desk, "c:1", "the lamp")
    await says(desk, "c:2", "an invoice")
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    await says(desk, "c:1", "more about the lamp")
    await says(desk, "c:2", "more about the invoice")
    await cases(desk).unmerge("T-2", actor=ACTOR)
    assert await texts(desk, "T-1") == ["the lamp", "more about the lamp"]
    assert await texts(desk, "T-2") == ["an invoice", "more about the invoice"]


async def test_freescout_2903_a_new_message_that_is_merged_is_in_the_old_thread_and_not_deleted(desk: "Desk") -> None:
    await says(desk, "c:1", "old")
    await says(desk, "c:2", "new")
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    assert await texts(desk, "T-1") == ["old", "new"]
    assert await texts(desk, "T-2") == ["new"]


async def test_freescout_3231_an_answer_to_a_closed_case_follows_up_that_case(desk: "Desk") -> None:
    for number in (1, 2, 3):
        await says(desk, f"c:{number}", f"message {number}")
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    await desk.actions.change("T-1", TicketChanges(status="closed"), actor=ACTOR)
    await says(desk, "c:2", "is it really done?")
    await says(desk, "c:2", "hello?")
    first, followed = [(await desk.reader.ticket(number)).record for number in ("T-1", "T-4")]
    assert followed.follow_up_of == first.id
    assert await texts(desk, "T-4") == ["is it really done?", "hello?"]
    await cases(desk).merge("T-4", "T-3", actor=ACTOR)
    await says(desk, "c:2", "and now?")
    assert (await texts(desk, "T-3"))[-1] == "and now?"
    assert len(await desk.tickets()) == 4


async def test_freescout_3528_and_5138_an_internal_note_of_either_ticket_is_neither_shown_outside_nor_sent(
    desk: "Desk",
) -> None:
    await says(desk, "c:1", "first")
    await says(desk, "c:2", "second")
    await desk.actions.note("T-2", writing("he is a liar"))
    await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    assert "liar" not in (await desk.reader.ticket("T-1")).work.said_last.text
    desk.sent.clear()
    for number in ("T-1", "T-2"):
        await desk.actions.reply(number, writing("an answer"))
    await desk.settle()
    assert len(desk.sent) == 2
    assert not any("liar" in each.model_dump_json() for each in desk.sent)


async def test_freescout_5482_a_reply_that_had_not_left_before_the_merge_leaves_and_both_tickets_are_whole(
    desk: "Desk",
) -> None:
    await says(desk, "c:1", "first")
    await says(desk, "c:2", "second")
    await desk.held.hold("T-1", writing("soon"), undo=timedelta(seconds=10))
    await cases(desk).merge("T-1", "T-2", actor=ACTOR)
    desk.clock.advance(10_000)
    await desk.settle()
    assert await texts(desk, "T-2") == ["first", "second", "soon"]
    assert (await desk.reader.ticket("T-2")).record.status in ("new", "open")


async def test_chatwoot_9264_what_comes_after_a_case_was_ended_too_early_wakes_it_when_it_is_merged_into_it(
    desk: "Desk",
) -> None:
    await says(desk, "c:1", "first")
    await desk.actions.reply("T-1", writing("done", status="solved"))
    await says(desk, "c:2", "not quite")
    into = await cases(desk).merge("T-2", "T-1", actor=ACTOR)
    assert (into.status, into.resolution) == ("open", None)


async def test_frappe_2204_one_message_about_an_unrelated_thing_becomes_a_ticket_and_both_name_each_other(
    desk: "Desk",
) -> None:
    await says(desk, "c:1", "the lamp")
    await says(desk, "c:1", "months later: an invoice")
    ticket = (await desk.reader.ticket("T-1")).record
    said = [each for each in await desk.reader.articles(ticket.id) if each.author.kind == "customer"]
    splits = Splits(desk.engine, desk.clock, lambda: desk.policy)
    made = await splits.split("T-1", SplitRequest(articles=[said[1].id], queue="billing"), actor=ACTOR)
    assert (made.split_from, made.queue) == (ticket.id, "billing")
    (mark,) = (await desk.reader.ticket("T-1")).work.moved
    assert (mark.ticket, mark.at) == (made.id, said[1].created_at)
    assert await texts(desk, "T-1") == ["the lamp"]
