"""Whoever answers a closed case is followed up by their own ticket, and never put into somebody else's."""

from typing import TYPE_CHECKING

from trunkline.router.cases import Cases
from trunkline.router.ticket_requests import TicketChanges, Writing

if TYPE_CHECKING:
    from .conftest import Desk

ANN, BOB = "ann@a.example", "bob@b.example"


async def mail(desk: "Desk", sender: str, number: int, answers: int = 0) -> None:
    own = {"ext": {"message_id": f"{number}@x"}, "announces": [f"mail:{number}@x"], "channel": "mail"}
    follows = {"conversation": f"mail:{answers}@x"} if answers else {}
    desk.clock.advance(1)
    await desk.write(f"mail {number}", sender=sender, **own, **follows)
    await desk.settle()


async def test_two_customers_whose_case_was_closed_are_followed_up_in_tickets_of_their_own(desk: "Desk") -> None:
    await mail(desk, ANN, 1)
    await mail(desk, BOB, 2)
    await Cases(desk.engine, desk.clock).merge("T-2", "T-1", actor="agent:ada")
    await desk.actions.change("T-1", TicketChanges(status="solved"), actor="agent:ada")
    await desk.actions.change("T-1", TicketChanges(status="closed"), actor="agent:ada")
    await mail(desk, BOB, 3, answers=2)
    await mail(desk, ANN, 4, answers=1)
    await mail(desk, BOB, 5, answers=3)
    await mail(desk, BOB, 6, answers=2)
    first, _, bobs, anns = sorted(await desk.tickets(), key=lambda each: int(each.number[2:]))
    said = {
        each.number: [a.text for a in await desk.reader.articles(each.id) if a.author.kind == "customer"]
        for each in (bobs, anns)
    }
    assert said == {"T-3": ["mail 3", "mail 5", "mail 6"], "T-4": ["mail 4"]}
    assert (bobs.follow_up_of, anns.follow_up_of) == (first.id, first.id)
    await desk.actions.reply(bobs.id, Writing(text="to Bob", agent="ada", actor="agent:ada"))
    await desk.settle()
    assert desk.sent[-1].to == BOB
