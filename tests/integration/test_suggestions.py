"""What a ticket suggests: that it is settled, and that it goes on from another. Nobody but a person does it."""

import pytest

from trunkline.config.errors import Conflict
from trunkline.router.cases import Cases
from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import TicketChanges

from .mail_desk import BOB, MailDesk, letter

DAY = 86_400_000


@pytest.fixture
def desk_url(engine_url: str) -> str:
    """One engine is enough here."""
    return engine_url


async def again(post: MailDesk, subject: str = "Re: Lamp", **headers: str) -> Ticket:
    """A further mail that names nothing of ours."""
    author = {"mail_from": BOB} if BOB in headers.get("From", "") else {}
    mail = letter("And the switch hums.", Subject=subject, Message_ID="<m2@a.example>", **headers)
    await post.take(mail, **author)
    return (await post.desk.tickets())[-1]


@pytest.mark.parametrize("subject", ["Lamp", "Re: Lamp", "AW: lamp [T-900]"])
async def test_who_writes_anew_under_a_subject_of_theirs_gets_a_ticket_that_suggests_the_old_one(
    post: MailDesk, subject: str
) -> None:
    ticket = await post.opened()
    made = await again(post, subject)
    assert made.goes_on is not None
    assert (made.id != ticket.id, made.goes_on.ticket, made.goes_on.number) == (True, ticket.id, "T-1")


async def test_another_subject_person_or_time_suggests_nothing(post: MailDesk) -> None:
    ticket = await post.opened()
    for subject, headers in (("Another lamp", {}), ("", {}), ("Lamp", {"From": BOB})):
        assert (await again(post, subject, **headers)).goes_on is None
    post.desk.clock.advance(3 * DAY + 1)
    assert (await later(post)).goes_on is None
    assert (await post.ticket(ticket)).goes_on is None


async def later(post: MailDesk) -> Ticket:
    await post.take(letter("Still there?", Message_ID="<m9@a.example>"))
    return (await post.desk.tickets())[-1]


async def test_nobody_unproven_and_no_closed_ticket_suggests_anything(post: MailDesk) -> None:
    ticket = await post.opened()
    await post.take(letter("More.", Message_ID="<m3@a.example>"), trusted=False)
    assert (await post.desk.tickets())[-1].goes_on is None
    await post.desk.actions.change(ticket.id, TicketChanges(status="closed"), actor="agent:ada")
    await post.desk.actions.change("T-2", TicketChanges(status="closed"), actor="agent:ada")
    assert (await later(post)).goes_on is None


async def test_a_queue_can_suggest_none(post: MailDesk) -> None:
    post.configure(queues={"support": {"fallback": True, "goes_on_within": "0s"}, "billing": {}})
    await post.opened()
    assert (await again(post)).goes_on is None


async def test_of_a_merged_ticket_the_one_that_stands_for_it_is_suggested(post: MailDesk) -> None:
    cases = Cases(post.desk.engine, post.desk.clock)
    await post.opened()
    await post.take(letter("The cup.", Subject="Cup", Message_ID="<c1@a.example>"))
    await cases.merge("T-1", "T-2", actor="agent:ada")
    made = await again(post)
    assert made.goes_on is not None
    assert made.goes_on.number == "T-2"


async def test_to_accept_merges_it_and_to_decline_takes_the_suggestion_off(post: MailDesk) -> None:
    cases = Cases(post.desk.engine, post.desk.clock)
    ticket = await post.opened()
    first, second = await again(post), await later(post)
    for _ in range(2):
        merged = await cases.decide_goes_on(first.id, accept=True, actor="agent:ada")
        assert (merged.merged_into, merged.goes_on) == (ticket.id, None)
        assert (await cases.decide_goes_on(second.id, accept=False, actor="agent:ada")).goes_on is None
    assert (await post.ticket(second)).merged_into is None
    with pytest.raises(Conflict):
        await cases.decide_goes_on(second.id, accept=True, actor="agent:ada")


async def test_what_is_settled_is_solved_as_they_said_or_not_by_whoever_decides(post: MailDesk) -> None:
    ticket = await post.opened(letter("Please ignore this mail, sent by mistake."))
    actions = post.desk.actions
    await actions.decide_settled(ticket.id, accept=False, actor="agent:ada")
    assert ((await post.ticket(ticket)).settled, (await post.ticket(ticket)).status) == (None, "new")
    with pytest.raises(Conflict):
        await actions.decide_settled(ticket.id, accept=True, actor="agent:ada")
    second = await post.opened(letter("Please ignore my last mail.", Subject="Cup", Message_ID="<c@a.example>"))
    for _ in range(2):
        await actions.decide_settled(second.id, accept=True, actor="agent:ada")
        now = await post.ticket(second)
        assert (now.status, now.resolution, now.settled) == ("solved", "cancelled", None)


async def test_whoever_solves_it_otherwise_has_decided_too(post: MailDesk) -> None:
    ticket = await post.opened(letter("Please ignore this mail."))
    assert ticket.settled is not None
    await post.desk.actions.change(ticket.id, TicketChanges(status="solved"), actor="agent:ada")
    assert (await post.ticket(ticket)).settled is None
