"""An answer that did not arrive wakes its ticket and is listed until somebody decides; each decision is told."""

from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict, DeliveryDeferred, DeliveryFailed, DeliveryUnknown, Invalid
from trunkline.desk.views.happenings import happenings
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.router.articles import ArticleDelivery
from trunkline.router.cases import Cases
from trunkline.router.records import Article, Status, Ticket
from trunkline.router.split_plan import SplitRequest
from trunkline.router.splits import Splits
from trunkline.router.stored_format import convert_records
from trunkline.router.ticket_requests import TicketChanges, Writing

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

ADA = "agent:ada"
NAMES = {"ada": "Ada", "boris": "Boris"}


class Smarthost:
    """Sends, or raises what it is told to."""

    def __init__(self, desk: "Desk") -> None:
        self.refusals = list[Exception | None]()
        self.sent = list[Outgoing]()
        desk.delivery._senders = {"test": self, "mail": self}

    async def __call__(self, outgoing: Outgoing) -> Sent:
        if not outgoing.automatic and self.refusals and (refusal := self.refusals.pop(0)):
            raise refusal
        self.sent.append(outgoing)
        return Sent(reference=outgoing.external_id)


@pytest.fixture
def smarthost(desk: "Desk") -> Smarthost:
    return Smarthost(desk)


async def opened(desk: "Desk", text: str = "lamp", **facts: Any) -> Ticket:
    """A ticket that Ada has."""
    await desk.actions.presence("ada", "available", actor=ADA)
    await desk.write(text, conversation=text, **facts)
    await desk.settle()
    ticket = (await desk.tickets())[-1]
    await desk.actions.accept(ticket.id, "ada", actor=ADA)
    return ticket


async def answer(desk: "Desk", ticket: Ticket, status: Status | None = None, text: str = "Try another bulb.") -> str:
    article = await desk.actions.reply(ticket.id, Writing(text=text, agent="ada", actor=ADA, status=status))
    await desk.settle()
    return article


async def lost(desk: "Desk", smarthost: Smarthost, status: Status | None = None) -> tuple[Ticket, str]:
    """A ticket whose answer was refused at once."""
    ticket = await opened(desk)
    smarthost.refusals.append(DeliveryFailed("550 no such user"))
    return ticket, await answer(desk, ticket, status)


async def now(desk: "Desk", ticket: Ticket) -> Ticket:
    return (await desk.reader.ticket(ticket.id)).record


async def waits_since(desk: "Desk", ticket: Ticket) -> int | None:
    return (await desk.reader.ticket(ticket.id)).work.customer_waits_since


async def listed(desk: "Desk", **wanted: Any) -> list[str]:
    return [each.id for each in await desk.tickets(undelivered=True, **wanted)]


async def told(desk: "Desk", ticket: Ticket) -> list[str]:
    return [each.words for each in happenings((await desk.reader.ticket(ticket.id)).work.history, NAMES)]


async def article(desk: "Desk", id_: str) -> Article:
    return await desk.reader.article(id_)


@pytest.mark.parametrize("status", [None, "pending", "on_hold", "solved"])
async def test_an_answer_that_is_refused_wakes_its_ticket_for_its_agent(
    desk: "Desk", smarthost: Smarthost, status: Status | None
) -> None:
    ticket, _ = await lost(desk, smarthost, status)
    found = await now(desk, ticket)
    assert (found.status, found.assignee, found.undelivered) == ("open", "ada", True)
    assert await listed(desk) == await listed(desk, queue="support") == [ticket.id]
    assert await listed(desk, queue="billing") == []
    assert await waits_since(desk, ticket) == desk.clock.now()
    assert "n answer did not arrive" in (await told(desk, ticket))[-1]


@pytest.mark.parametrize("status", [None, "solved"])
async def test_it_wakes_for_its_queue_when_its_agent_is_not_there(
    desk: "Desk", smarthost: Smarthost, status: Status | None
) -> None:
    ticket = await opened(desk)
    await answer(desk, ticket, status)
    (sent,) = [each for each in smarthost.sent if not each.automatic]
    await desk.actions.presence("ada", "offline", actor=ADA)
    await desk.settle()
    articles = ArticleDelivery(desk.engine, desk.clock)
    await articles.settle(sent.article_id, "failed", "550", came_from=["sent"], actor="mail")
    found, stored = await now(desk, ticket), await desk.reader.ticket(ticket.id)
    assert (found.status, found.assignee, stored.work.previous_agent) == ("open", None, "ada")
    assert await desk.reader.index.count_waiting("support") == 1
    await desk.actions.presence("boris", "available", actor="agent:boris")
    await desk.settle()
    offer = (await now(desk, ticket)).offer
    assert offer is not None
    assert offer.agent == "boris"


async def test_an_answer_of_which_nobody_knows_whether_it_left_wakes_too_and_a_receipt_settles_it(
    desk: "Desk", smarthost: Smarthost
) -> None:
    ticket = await opened(desk)
    smarthost.refusals.append(DeliveryUnknown("the smarthost went away"))
    astray = await answer(desk, ticket, "pending")
    assert ((await now(desk, ticket)).status, await listed(desk)) == ("open", [ticket.id])
    articles = ArticleDelivery(desk.engine, desk.clock)
    await articles.settle(astray, "delivered", "", came_from=["unknown"], actor="mail")
    assert (await listed(desk), await waits_since(desk, ticket)) == ([], None)


async def test_one_that_is_given_up_after_days_wakes_too(desk: "Desk", smarthost: Smarthost) -> None:
    ticket = await opened(desk)
    smarthost.refusals += [DeliveryDeferred("no route")] * 2
    await answer(desk, ticket, "solved")
    assert await listed(desk) == []
    desk.clock.advance(6 * 86_400_000)
    await desk.settle()
    assert ((await now(desk, ticket)).status, await listed(desk)) == ("open", [ticket.id])


async def test_what_answers_by_itself_is_no_answer(desk: "Desk", smarthost: Smarthost) -> None:
    ticket = await opened(desk)
    (acknowledgement,) = [each for each in await desk.reader.articles(ticket.id) if each.author.kind == "system"]
    articles = ArticleDelivery(desk.engine, desk.clock)
    await articles.settle(acknowledgement.id, "failed", "550", came_from=["sent"], actor="mail")
    assert ((await now(desk, ticket)).undelivered, await listed(desk)) == (False, [])


async def test_a_mail_that_brought_unread_answers_of_a_chat_is_one(desk: "Desk", smarthost: Smarthost) -> None:
    ticket = await opened(desk)
    answered = await answer(desk, ticket, "solved")
    smarthost.refusals.append(DeliveryFailed("550 no such user"))
    forwarded = Writing(text="Try another bulb.", actor="chat", key="unread")
    await desk.actions.forward_by_mail(ticket.id, forwarded, "maria@example.org", repeats=[answered])
    await desk.settle()
    assert ((await now(desk, ticket)).status, await listed(desk)) == ("open", [ticket.id])


async def test_a_closed_one_stays_closed_and_is_listed(desk: "Desk", smarthost: Smarthost) -> None:
    ticket, _ = await lost(desk, smarthost, "closed")
    assert ((await now(desk, ticket)).status, await listed(desk)) == ("closed", [ticket.id])


async def test_spam_is_listed_no_more(desk: "Desk", smarthost: Smarthost) -> None:
    ticket, _ = await lost(desk, smarthost)
    await desk.actions.spam.mark(ticket.id, block="nobody", actor=ADA)
    assert await listed(desk) == []
    await desk.actions.spam.unmark(ticket.id, actor=ADA)
    assert await listed(desk) == [ticket.id]


async def test_it_is_sent_again_and_the_customer_waits_no_more(desk: "Desk", smarthost: Smarthost) -> None:
    ticket, astray = await lost(desk, smarthost)
    await desk.actions.resend(astray, actor=ADA, reason="the mailbox is there again")
    await desk.settle()
    assert [each.article_id for each in smarthost.sent if not each.automatic] == [astray]
    assert (await listed(desk), await waits_since(desk, ticket)) == ([], None)
    assert (await told(desk, ticket))[-1] == "Sent again by Ada: the mailbox is there again"


async def test_it_is_done_by_hand_with_who_and_why(desk: "Desk", smarthost: Smarthost) -> None:
    ticket, astray = await lost(desk, smarthost)
    await desk.actions.mark_sent(astray, actor=ADA, reason="told her on the phone")
    assert (await listed(desk), await waits_since(desk, ticket)) == ([], None)
    assert (await told(desk, ticket))[-1] == "Said to have arrived by Ada: told her on the phone"
    with pytest.raises(Conflict):
        await desk.actions.mark_sent(astray, actor=ADA)


async def test_it_goes_to_another_address_under_the_name_of_who_wrote_it(desk: "Desk", smarthost: Smarthost) -> None:
    ticket, astray = await lost(desk, smarthost)
    await desk.actions.resend_to(astray, "Maria@Work.example", actor="agent:boris", reason="she said so")
    await desk.actions.resend_to(astray, "maria@work.example", actor="agent:boris")
    await desk.settle()
    (sent,) = [each for each in smarthost.sent if not each.automatic]
    assert (sent.channel, sent.to, sent.text, sent.author) == ("mail", "maria@work.example", "Try another bulb.", "Ada")
    repeat = await article(desk, sent.article_id)
    assert repeat.repeats == (astray,)
    assert (await listed(desk), await waits_since(desk, ticket)) == ([], None)
    assert "Sent to another address by Boris: she said so" in await told(desk, ticket)
    stored = await desk.reader.ticket(ticket.id)
    assert "email:maria@work.example" not in stored.work.participants
    assert (await article(desk, astray)).delivery.state == "failed"  # type: ignore[union-attr]


async def test_if_that_one_goes_astray_as_well_it_is_listed_again(desk: "Desk", smarthost: Smarthost) -> None:
    ticket, astray = await lost(desk, smarthost)
    smarthost.refusals.append(DeliveryFailed("550 neither"))
    await desk.actions.resend_to(astray, "maria@work.example", actor=ADA)
    await desk.settle()
    assert await listed(desk) == [ticket.id]
    assert list((await desk.reader.ticket(ticket.id)).work.missing_answers) != [astray]


@pytest.mark.parametrize(("address", "error"), [("nobody", Invalid), ("maria@work.example", Conflict)])
async def test_only_what_went_astray_goes_elsewhere_and_only_to_an_address(
    desk: "Desk", smarthost: Smarthost, address: str, error: type[Exception]
) -> None:
    ticket = await opened(desk)
    arrived = await answer(desk, ticket)
    with pytest.raises(error):
        await desk.actions.resend_to(arrived, address, actor=ADA)


async def test_each_answer_is_decided_on_by_itself_and_a_later_one_that_leaves_settles_all(
    desk: "Desk", smarthost: Smarthost
) -> None:
    ticket = await opened(desk)
    smarthost.refusals += [DeliveryFailed("550"), DeliveryFailed("550")]
    first = await answer(desk, ticket)
    desk.clock.advance(1_000)
    second = await answer(desk, ticket)
    await desk.actions.mark_sent(first, actor=ADA)
    assert list((await desk.reader.ticket(ticket.id)).work.missing_answers) == [second]
    assert (await listed(desk), await waits_since(desk, ticket)) == ([ticket.id], desk.clock.now())
    desk.clock.advance(1_000)
    await answer(desk, ticket)
    assert (await listed(desk), await waits_since(desk, ticket)) == ([], None)


async def test_an_answer_that_was_on_its_way_before_settles_nothing(desk: "Desk", smarthost: Smarthost) -> None:
    ticket = await opened(desk)
    first, second = await answer(desk, ticket), await answer(desk, ticket)
    desk.clock.advance(1_000)
    articles = ArticleDelivery(desk.engine, desk.clock)
    await articles.settle(second, "failed", "550", came_from=["sent"], actor="mail")
    await articles.settle(first, "delivered", "", came_from=["sent"], actor="mail")
    assert await listed(desk) == [ticket.id]


async def test_who_wrote_before_goes_on_waiting_since_then(desk: "Desk", smarthost: Smarthost) -> None:
    ticket = await opened(desk)
    astray = await answer(desk, ticket)
    desk.clock.advance(1_000)
    await desk.write("hello?", conversation="lamp")
    await desk.settle()
    wrote = await waits_since(desk, ticket)
    desk.clock.advance(1_000)
    articles = ArticleDelivery(desk.engine, desk.clock)
    await articles.settle(astray, "failed", "550", came_from=["sent"], actor="mail")
    await desk.actions.mark_sent(astray, actor=ADA)
    assert await waits_since(desk, ticket) == wrote


async def test_a_case_tells_of_what_is_merged_into_it(desk: "Desk", smarthost: Smarthost) -> None:
    part, astray = await lost(desk, smarthost)
    case = await opened(desk, "cup")
    await Cases(desk.engine, desk.clock).merge(part.id, case.id, actor=ADA)
    assert await listed(desk) == [case.id]
    await desk.actions.resend(astray, actor=ADA)
    await desk.settle()
    assert await listed(desk) == []
    assert not (await now(desk, part)).undelivered


async def test_one_that_is_solved_all_the_same_is_not_closed_before_somebody_decides(
    desk: "Desk", smarthost: Smarthost
) -> None:
    from trunkline.router.closing import Closing

    desk.configure(SETTINGS | {"queues": {"support": {"fallback": True, "close_after": "1d"}, "billing": {}}})
    ticket, astray = await lost(desk, smarthost)
    await desk.actions.change(ticket.id, TicketChanges(status="solved"), actor=ADA)
    desk.clock.advance(2 * 86_400_000)
    closing = Closing(desk.engine, desk.clock, policy=lambda: desk.policy)
    assert await closing.run_once() == 0
    await desk.actions.mark_sent(astray, actor=ADA)
    assert await closing.run_once() == 1


async def test_records_of_an_older_format_are_listed_too(desk: "Desk", smarthost: Smarthost) -> None:
    ticket, astray = await lost(desk, smarthost)
    solved = await opened(desk, "cup")
    await answer(desk, solved, "solved")
    keys = desk.offers._keys
    for each in (ticket, solved):
        await desk.engine.call("HDEL", keys.ticket(each.id), "_missing_answers", "_solved_at")
    for head in ("undelivered", "solved"):
        for member in await desk.engine.call("ZRANGE", keys.index, f"[{head}", f"({head}~", "BYLEX"):
            await desk.engine.call("ZREM", keys.index, member)
    assert await listed(desk) == []
    await desk.engine.call("SET", desk.engine.keys("format"), "7")
    for _ in range(2):
        await convert_records(desk.engine, desk.blobs)
        assert await listed(desk) == [ticket.id]
        assert await desk.reader.index.count("solved:support") == 1
    await desk.actions.mark_sent(astray, actor=ADA)
    assert await listed(desk) == []


async def test_a_case_of_an_older_format_misses_what_its_tickets_miss_and_gives_it_back_with_them(
    desk: "Desk", smarthost: Smarthost
) -> None:
    (part, astray), case = await lost(desk, smarthost), await opened(desk, "cup")
    cases = Cases(desk.engine, desk.clock)
    await cases.merge(part.id, case.id, actor=ADA)
    for each in (part, case):
        await desk.engine.call("HDEL", desk.offers._keys.ticket(each.id), "_missing_answers")
    await desk.engine.call("SET", desk.engine.keys("format"), "7")
    await convert_records(desk.engine, desk.blobs)
    assert set((await desk.reader.ticket(case.id)).work.missing_answers) == {astray}
    await cases.unmerge(part.id, actor=ADA)
    assert await listed(desk) == [part.id]


async def test_sending_one_again_does_not_hide_the_one_before(desk: "Desk", smarthost: Smarthost) -> None:
    ticket = await opened(desk)
    smarthost.refusals += [DeliveryFailed("550")] * 3
    first = await answer(desk, ticket)
    desk.clock.advance(1_000)
    second = await answer(desk, ticket)
    await desk.actions.resend(second, actor=ADA)
    await desk.settle()
    assert set((await desk.reader.ticket(ticket.id)).work.missing_answers) == {first, second}


@pytest.mark.parametrize("before", [True, False], ids=["before the merge", "within it"])
async def test_a_ticket_that_is_parted_takes_along_what_did_not_arrive_of_it(
    desk: "Desk", smarthost: Smarthost, *, before: bool
) -> None:
    part, case, cases = await opened(desk), await opened(desk, "cup"), Cases(desk.engine, desk.clock)
    if not before:
        await cases.merge(part.id, case.id, actor=ADA)
    smarthost.refusals.append(DeliveryFailed("550"))
    astray = await answer(desk, part)
    if before:
        await cases.merge(part.id, case.id, actor=ADA)
    await cases.unmerge(part.id, actor=ADA)
    assert await listed(desk) == [part.id]
    assert (await waits_since(desk, part)) == desk.clock.now()
    await desk.actions.mark_sent(astray, actor=ADA)
    assert await listed(desk) == []


async def test_an_answer_that_is_split_off_is_decided_about_where_it_is(desk: "Desk", smarthost: Smarthost) -> None:
    ticket, astray = await lost(desk, smarthost)
    desk.clock.advance(1_000)
    await desk.write("my chair too", conversation="lamp")
    await desk.settle()
    message = (await desk.reader.articles(ticket.id))[-1]
    request = SplitRequest(articles=[astray, message.id])
    made = await Splits(desk.engine, desk.clock, lambda: desk.policy).split(ticket.id, request, actor=ADA)
    assert await listed(desk) == [made.id]
    await desk.actions.mark_sent(astray, actor=ADA)
    assert await listed(desk) == []
