"""Stories of tickets out of public reports of other desks' users, played on a whole desk.

The rows of `field_cases.jsonl` that one mail alone does not decide; those that it does are scored by
tests/unit/test_reading_corpora.py. `ELSEWHERE` names the tests that stand for rows of other channels and of the parts
beside a desk; `LEFT` are rows that ask for what is not there yet.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import TicketChanges

from .mail_desk import ANN, BILLING, SUPPORT, Left, MailDesk, letter

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "field_cases.jsonl"

ELSEWHERE: Mapping[str, str] = {
    "form-sent-twice-1": "integration/test_http_forms.py::test_a_form_sent_twice_is_one_message_with_one_receipt",
    "signed-post-with-long-subject-1": "unit/test_http_mapping.py::test_a_long_subject_is_cut",
    "smtp-postmaster-1": "integration/test_mail_receiving.py::test_the_postmaster_is_always_taken",
    "agent-beyond-capacity-1": "integration/test_offers.py::test_50_routers_give_no_agent_more_than_the_capacity",
    "reopened-while-agent-is-full-1": "integration/test_offers.py::"
    "test_a_waking_ticket_whose_agent_has_no_room_returns_to_its_queue",
    "no-history-in-our-replies-1": "integration/test_delivery.py::"
    "test_a_reply_quotes_what_it_answers_and_its_answer_is_read_without_it",
    "outlook-winmail-dat-1": "unit/test_tnef.py::test_the_text_stands_in_where_there_is_no_other",
    "chat-line-repeated-after-reconnect-1": "integration/chat/test_socket.py::"
    "test_a_message_sent_again_is_the_first_one_whoever_hears_it",
    "merge-of-tickets-1": "integration/test_merging_complaints.py::"
    "test_zammad_983_an_answer_to_a_merged_ticket_comes_into_the_other_and_it_can_be_merged_again",
    "business-hours-dst-1": "unit/test_business_hours.py::test_summer_time_moves_no_hours",
}
LEFT = frozenset(
    {
        "open-tickets-of-an-agent-who-has-left-1",
    }
)

Story = Callable[[MailDesk, str], Awaitable[None]]


@pytest.fixture
def desk_url(engine_url: str) -> str:
    """One engine is enough here."""
    return engine_url


def rows() -> Iterator[dict[str, Any]]:
    if DATA.exists():
        with DATA.open(encoding="utf-8") as lines:
            yield from (row for row in map(json.loads, lines) if not row["how_to_send"].startswith("file:"))


def filled(raw: str, ours: Left) -> str:
    """The row's mail, sent as an answer to what left."""
    whole = ours.content.decode().replace("\r\n", "\n")
    for mark, value in {"{reply_to}": ours.reply_to, "{id}": f"<{ours.message_id}>", "T-n": "T-1"}.items():
        raw = raw.replace(mark, value)
    return raw.replace("{the reply as it left}", whole)


async def answered(post: MailDesk, author: str = ANN, **writing: Any) -> tuple[Ticket, Left]:
    ticket = await post.opened(letter(From=author), mail_from=author)
    return ticket, await post.answer(ticket, **writing)


async def wakes(post: MailDesk, raw: str) -> None:
    (author,) = re.findall(r"From: .*<(.*)>", raw)
    ticket, ours = await answered(post, author, status="solved")
    await post.take(filled(raw, ours), to=ours.reply_to, mail_from=author)
    now = await post.ticket(ticket)
    assert (now.status, now.reopened) == ("open", 1)


async def thanks_stay_solved(post: MailDesk, raw: str) -> None:
    ticket, ours = await answered(post, status="solved")
    await post.take(filled(raw, ours), to=ours.reply_to)
    now = await post.ticket(ticket)
    assert (now.status, now.reopened, len(await post.articles(ticket))) == ("solved", 0, 2)


async def long_lines_are_whole(post: MailDesk, _: str) -> None:
    line = "lamp " * 40_000
    (article,) = await post.articles(await post.opened(letter(f"Hello,\n{line}end")))
    stored = await post.desk.reader.stored_article(article.id)
    assert stored is not None
    assert (await post.desk.reader.whole(stored)).text == f"Hello,\n{line}end"


async def goes_to_the_person(post: MailDesk, raw: str) -> None:
    sender = "support+bnc1@example.test" if "List-ID" in raw else "bounce@shop.example"
    ticket = await post.opened(raw, mail_from=sender)
    (article,) = await post.articles(ticket)
    assert await post.suspended() == []
    assert (await post.answer(ticket)).recipient == ANN
    if "wordpress" not in raw:
        assert (article.author.identity, article.author.assurance) == (f"email:{ANN}", 0)


async def joins_by_number(post: MailDesk, raw: str) -> None:
    ticket = await post.opened()
    ours = await post.answer(ticket, status="solved") if "reply above" in raw else post.left[-1]
    await post.take(filled(raw, ours))
    assert len(await post.desk.tickets()) == 1
    assert len(await post.articles(ticket)) == 2
    assert (await post.ticket(ticket)).reopened == ("reply above" in raw)


async def colleague_joins(post: MailDesk, raw: str) -> None:
    await post.take(letter(Cc="bob@a.example", Message_ID="<m1>"))
    await post.take(raw, mail_from="bob@a.example")
    assert len(await post.desk.tickets()) == 1


async def copied_are_named(post: MailDesk, raw: str) -> None:
    (article,) = await post.articles(await post.opened(raw))
    assert [(each.address, each.name) for each in article.copied] == [("boss@a.example", "Boss")]


async def bounce_is_seen(post: MailDesk, raw: str) -> None:
    ticket, ours = await answered(post, status="solved")
    await post.take(filled(raw, ours), to=ours.reverse_path, mail_from="", trusted=False)
    (*_, article) = await post.articles(ticket, "reply")
    assert article.delivery is not None
    assert (article.delivery.state, (await post.ticket(ticket)).status) == ("failed", "open")
    assert len(await post.desk.tickets()) == 1


async def keeps_its_number(post: MailDesk, raw: str) -> None:
    assert str((await post.answer(await post.opened(raw))).mail["Subject"]).endswith("[T-1]")


async def retry_is_one(post: MailDesk, raw: str) -> None:
    for hop in ("mx1", "mx2"):
        await post.take(re.sub(r"\AReceived: .*\n", f"Received: from {hop}\n", raw))
    assert len(await post.desk.tickets()) == 1


async def two_addresses_are_one(post: MailDesk, _: str) -> None:
    for address in (SUPPORT, BILLING):
        await post.take(letter(To=f"{SUPPORT}, {BILLING}"), to=address)
    (ticket,) = await post.desk.tickets()
    assert (await post.articles(ticket))[0].recipients == (SUPPORT, BILLING)


async def answer_to_the_acknowledgement(post: MailDesk, _: str) -> None:
    await post.opened()
    await post.take(letter("And?", Message_ID="<m2@a.example>"), to=post.left[-1].reply_to, trusted=False)
    assert len(await post.desk.tickets()) == 1


async def one_follow_up(post: MailDesk, _: str) -> None:
    ticket, ours = await answered(post)
    await post.desk.actions.change(ticket.id, TicketChanges(status="closed"), actor="agent:ada")
    mails = [letter(f"Answer {number}.", Message_ID=f"<a{number}@a.example>") for number in range(4)]
    await asyncio.gather(*(post.take(mail, to=ours.reply_to, mail_from=f"{at}@x") for at, mail in enumerate(mails)))
    _, follow_up = await post.desk.tickets()
    assert (follow_up.follow_up_of, len(await post.articles(follow_up))) == (ticket.id, 4)


async def our_own_mail_waits(post: MailDesk, _: str) -> None:
    _, ours = await answered(post)
    await post.take(ours.content.replace(ours.message_id.encode(), b"rewritten@b.example"), mail_from="x@b.example")
    assert await post.suspended() == ["loop"]


async def later_message_is_found(post: MailDesk, raw: str) -> None:
    ticket, ours = await answered(post)
    text = raw.partition(": ")[2].strip("'")
    await post.take(letter(text, Message_ID="<m2@a.example>", In_Reply_To=f"<{ours.message_id}>"), to=ours.reply_to)
    (found,) = await post.desk.tickets(q="ZX81")
    assert found.id == ticket.id


STORIES: Mapping[str, Story] = {
    "search-in-later-messages": later_message_is_found,
    "thanks-reopens": thanks_stay_solved,
    "smtp-long-lines": long_lines_are_whole,
    "reply-to-ignored": goes_to_the_person,
    "own-address-in-from": goes_to_the_person,
    "marked-as-bulk-does-not-wake": wakes,
    "a-person-at-notifications@": wakes,
    "case-number-from-a-participant": joins_by_number,
    "colleague-in-copy-answers-all": colleague_joins,
    "copied-people-are-nowhere": copied_are_named,
    "answer-bounced-after-solving": bounce_is_seen,
    "bounce-makes-no-ticket": bounce_is_seen,
    "long-subject-loses-the-number": keeps_its_number,
    "retry-without-message-id": retry_is_one,
    "one-mail-to-two-addresses": two_addresses_are_one,
    "answer-to-the-acknowledgement": answer_to_the_acknowledgement,
    "closed-ticket-answered-four-times-at-once": one_follow_up,
    "our-own-mail-comes-back": our_own_mail_waits,
}


def story(row: Mapping[str, Any]) -> Story | None:
    return STORIES.get(re.sub(r"-\d+\Z", "", row["id"]))


def test_every_row_has_a_story_or_a_test_that_stands_for_it() -> None:
    if not DATA.exists():
        pytest.skip(f"the corpus {DATA.name} is not here")
    assert {row["id"] for row in rows() if story(row) is None} | {"outlook-winmail-dat-1"} == ELSEWHERE.keys() | LEFT
    for place in ELSEWHERE.values():
        path, _, name = place.partition("::")
        assert f"def {name}(" in (ROOT / "tests" / path).read_text(encoding="utf-8"), place


@pytest.mark.parametrize("row", [row for row in rows() if story(row)], ids=lambda row: row["id"])
async def test_the_story_ends_well(post: MailDesk, row: Mapping[str, Any]) -> None:
    play = story(row)
    assert play is not None
    await play(post, row["raw"])
