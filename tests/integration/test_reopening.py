"""Which messages open a solved ticket again, as its queue has it, and what a customer says of the matter themselves."""

from typing import Any

import pytest

from trunkline.desk.views.happenings import event_of, sentence
from trunkline.router.cases import Cases
from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import TicketChanges

from ..unit.test_closing_words import sentences
from .mail_desk import ANN, Left, MailDesk, letter

DAY = 86_400_000
THANKS, MORE, SETTLED = "Thank you very much!", "It is dark again.", "It works now, thanks!"
IGNORE = "Please ignore my last mail."


@pytest.fixture
def desk_url(engine_url: str) -> str:
    """One engine is enough here."""
    return engine_url


def queues(**reopen: Any) -> dict[str, Any]:
    return {"queues": {"support": {"fallback": True, "reopen": reopen}, "billing": {}}}


async def solved(post: MailDesk, status: str = "solved") -> tuple[Ticket, Left]:
    ticket = await post.opened()
    return ticket, await post.answer(ticket, status=status)


async def writes(post: MailDesk, ours: Left, text: str, **headers: str) -> None:
    at = post.desk.clock.now()
    given = {"Subject": "Re: Lamp [T-1]", "Message_ID": f"<a{at}@a.example>", "In_Reply_To": f"<{ours.message_id}>"}
    await post.take(letter(text, **(given | headers)), to=ours.reply_to)


@pytest.mark.parametrize("text", [THANKS, SETTLED])
async def test_thanks_are_filed_and_the_ticket_stays_solved(post: MailDesk, text: str) -> None:
    ticket, ours = await solved(post)
    await writes(post, ours, text)
    now, (*_, article) = await post.ticket(ticket), await post.articles(ticket)
    assert (now.status, now.reopened, now.settled, article.text) == ("solved", 0, None, text)
    assert article.join_reason.endswith("; it stays solved, since nothing else is said")
    stored = await post.desk.reader.ticket(ticket.id)
    assert stored.work.customer_waits_since is None


@pytest.mark.parametrize(
    ("text", "headers"),
    [(MORE, {}), (f"{THANKS} {MORE}", {}), (THANKS, {"Subject": "Where is my cup"})],
    ids=["more", "thanks and more", "thanks under another subject"],
)
async def test_whatever_says_more_opens_it(post: MailDesk, text: str, headers: dict[str, str]) -> None:
    ticket, ours = await solved(post)
    await writes(post, ours, text, **headers)
    assert (await post.ticket(ticket)).reopened == 1


async def test_a_queue_can_open_tickets_for_thanks_too(post: MailDesk) -> None:
    post.configure(**queues(thanks=True))
    ticket, ours = await solved(post)
    await writes(post, ours, THANKS)
    assert (await post.ticket(ticket)).reopened == 1


async def test_thanks_in_a_ticket_that_waits_for_the_customer_open_it_as_every_answer_does(post: MailDesk) -> None:
    ticket, ours = await solved(post, "pending")
    await writes(post, ours, THANKS)
    assert (await post.ticket(ticket)).status == "open"


async def test_what_comes_after_its_time_is_followed_up_and_the_next_message_joins_that_one(post: MailDesk) -> None:
    post.configure(**queues(within="14d"))
    ticket, ours = await solved(post)
    post.desk.clock.advance(14 * DAY)
    await writes(post, ours, THANKS)
    await writes(post, ours, MORE)
    await writes(post, ours, "And the switch hums.")
    first, second = await post.desk.tickets()
    assert (first.status, len(await post.articles(first))) == ("solved", 2)
    assert (second.follow_up_of, len(await post.articles(second))) == (ticket.id, 2)
    reason = (await post.articles(second))[0].join_reason
    assert reason.endswith("T-1 was solved too long ago to be opened again, so this follows it up")


async def test_before_its_time_it_is_opened_and_its_time_begins_anew(post: MailDesk) -> None:
    post.configure(**queues(within="14d"))
    ticket, ours = await solved(post)
    for _ in range(2):
        post.desk.clock.advance(13 * DAY)
        await writes(post, ours, MORE)
        assert (await post.ticket(ticket)).status == "open"
        await post.desk.actions.change(ticket.id, TicketChanges(status="solved"), actor="agent:ada")
    assert len(await post.desk.tickets()) == 1


async def test_one_that_was_solved_before_this_was_kept_counts_from_its_last_change(post: MailDesk) -> None:
    post.configure(**queues(within="14d"))
    ticket, ours = await solved(post)
    await post.desk.engine.call("HDEL", post.desk.offers._keys.ticket(ticket.id), "_solved_at")
    post.desk.clock.advance(13 * DAY)
    await writes(post, ours, MORE)
    assert (await post.ticket(ticket)).status == "open"


@pytest.mark.parametrize(("text", "resolution"), [(SETTLED, "resolved"), (IGNORE, "cancelled")])
async def test_that_it_is_settled_is_offered_and_told_and_not_done(post: MailDesk, text: str, resolution: str) -> None:
    ticket = await post.opened()
    ours = await post.answer(ticket, status="pending")
    await writes(post, ours, text)
    now, (*_, article) = await post.ticket(ticket), await post.articles(ticket)
    assert now.status == "open"
    assert now.settled is not None
    assert (now.settled.resolution, now.settled.article, article.says) == (resolution, article.id, resolution)
    assert [line.kind for line in await post.desk.lines()].count("ticket.said_settled") == 1


def solving() -> dict[str, Any]:
    return {"queues": {"support": {"fallback": True, "settled": "solve"}, "billing": {}}}


def thanks_by_language() -> dict[str, str]:
    """A sentence of thanks for each language in which we write ourselves."""
    return {language: text for says, language, text in reversed(sentences()) if says == "thanks"}


@pytest.mark.parametrize(("language", "text"), sorted(thanks_by_language().items()))
async def test_thanks_for_an_answer_suggest_to_solve_in_every_language(
    post: MailDesk, language: str, text: str
) -> None:
    ticket = await post.opened()
    ours = await post.answer(ticket, status="pending")
    await writes(post, ours, text, From="Ann Lee <ann@a.example>")
    now, (*_, article) = await post.ticket(ticket), await post.articles(ticket)
    assert (now.status, article.says) == ("open", "thanks"), language
    assert now.settled is not None
    assert (now.settled.resolution, now.settled.article, now.settled.thanks) == ("resolved", article.id, True)
    await post.desk.actions.decide_settled(ticket.id, accept=True, actor="agent:ada")
    await writes(post, ours, text, From="Ann Lee <ann@a.example>")
    assert ((await post.ticket(ticket)).status, (await post.ticket(ticket)).settled) == ("solved", None), language


def test_all_fourteen_languages_give_thanks() -> None:
    assert len(thanks_by_language()) == 14


@pytest.mark.parametrize("headers", [{"Subject": "Where is my cup"}, {}], ids=["another subject", "unanswered"])
async def test_thanks_that_are_for_no_answer_suggest_nothing(post: MailDesk, headers: dict[str, str]) -> None:
    ticket = await post.opened()
    ours = await post.answer(ticket)
    if not headers:
        await writes(post, ours, MORE)
    await writes(post, ours, THANKS, **headers)
    assert (await post.ticket(ticket)).settled is None


@pytest.mark.parametrize("status", ["open", "pending"])
@pytest.mark.parametrize(("text", "resolution"), [(SETTLED, "resolved"), (IGNORE, "cancelled"), (THANKS, "resolved")])
async def test_a_queue_can_solve_by_what_they_say_and_one_click_undoes_it(
    post: MailDesk, text: str, resolution: str, status: str
) -> None:
    post.configure(**solving())
    await post.desk.actions.presence("ada", "available", actor="agent:ada")
    ticket = await post.opened()
    ours = await post.answer(ticket, status=status)
    before = await post.desk.reader.ticket(ticket.id)
    await writes(post, ours, text)
    now = await post.ticket(ticket)
    assert (now.status, now.resolution) == ("solved", resolution)
    assert now.settled is not None
    assert now.settled.before == status
    assert {clock.runs for clock in now.clocks.values()} == {False}
    told = [sentence(event_of(line), {}) for line in await post.desk.lines() if line.kind.startswith("ticket.status")]
    assert told[-1].startswith("Solved by itself: the customer ")
    for _ in range(2):
        await post.desk.actions.decide_settled(ticket.id, accept=True, actor="agent:ada")
    for _ in range(2):
        await post.desk.actions.decide_settled(ticket.id, accept=False, actor="agent:ada")
    after = await post.desk.reader.ticket(ticket.id)
    assert (after.record.status, after.record.settled, after.record.reopened) == (status, None, 0)
    assert (after.record.assignee, after.work.customer_waits_since) == (
        before.record.assignee,
        before.work.customer_waits_since,
    )


async def test_what_was_solved_so_opens_and_closes_as_any_other(post: MailDesk) -> None:
    post.configure(**solving())
    ticket = await post.opened()
    ours = await post.answer(ticket)
    await writes(post, ours, THANKS)
    await writes(post, ours, MORE)
    now = await post.ticket(ticket)
    assert (now.status, now.settled, now.reopened) == ("open", None, 1)
    await writes(post, ours, SETTLED)
    await post.desk.actions.change(ticket.id, TicketChanges(status="closed"), actor="agent:ada")
    assert (await post.ticket(ticket)).settled is None


async def test_nothing_is_solved_over_somebody_who_waits(post: MailDesk) -> None:
    post.configure(**solving())
    ticket = await post.opened()
    ours = await post.answer(ticket)
    await post.opened(letter("Where is my cup?", Subject="Cup", Message_ID="<c@a.example>"))
    await Cases(post.desk.engine, post.desk.clock).merge("T-2", ticket.id, actor="agent:ada")
    await writes(post, ours, SETTLED)
    now = await post.ticket(ticket)
    assert now.status == "open"
    assert now.settled is not None
    assert now.settled.before is None


async def test_a_first_message_that_takes_everything_back_is_suggested_and_not_solved(post: MailDesk) -> None:
    post.configure(**solving())
    ticket = await post.opened(letter(IGNORE))
    assert ticket.status == "new"
    assert ticket.settled is not None


async def test_what_they_say_afterwards_takes_the_offer_back(post: MailDesk) -> None:
    ticket = await post.opened()
    ours = await post.answer(ticket)
    await writes(post, ours, IGNORE)
    await writes(post, ours, MORE)
    assert (await post.ticket(ticket)).settled is None


async def test_nobody_unproven_says_so_for_the_customer(post: MailDesk) -> None:
    ticket = await post.opened()
    ours = await post.answer(ticket)
    mail = letter(IGNORE, Subject="Re: Lamp", Message_ID="<x@x.example>", In_Reply_To=f"<{ours.message_id}>")
    await post.take(mail, trusted=False, mail_from=ANN)
    now, (*_, article) = await post.ticket(ticket), await post.articles(ticket)
    assert (article.joined_by, now.settled) == ("unproven", None)


async def test_a_message_that_was_judged_while_the_ticket_was_open_is_judged_again(
    post: MailDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, ours = await solved(post, "open")
    resolve, solving = post.desk.filer._resolver.resolve, [True]

    async def solved_meanwhile(*args: Any) -> Any:
        found = await resolve(*args)
        if solving.pop() if solving else False:
            await post.desk.actions.change(ticket.id, TicketChanges(status="solved"), actor="agent:ada")
        return found

    monkeypatch.setattr(post.desk.filer._resolver, "resolve", solved_meanwhile)
    await writes(post, ours, THANKS)
    assert (await post.ticket(ticket)).status == "solved"
