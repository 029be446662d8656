"""A colleague passes a customer's message on: whose ticket it is, who hears of it, and how that is undone."""

from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict
from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import Writing

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

ADA, MARIA = "ada@desk.example", "maria@example.org"
PASSED = {"address": MARIA, "name": "Maria", "subject": "Lamp", "text": "My lamp is broken"}


def with_addresses(desk: "Desk") -> None:
    agents = {name: each | {"email": f"{name.capitalize()}@Desk.example"} for name, each in SETTINGS["agents"].items()}
    desk.configure(SETTINGS | {"agents": agents})


async def passed_on(desk: "Desk", *originals: dict[str, Any], sender: str = ADA, assurance: int = 2) -> Ticket:
    with_addresses(desk)
    given = originals or (PASSED,)
    await desk.write("FYI", sender=sender, channel="mail", assurance=assurance, subject="Fwd: Lamp", originals=given)
    await desk.settle()
    return (await desk.tickets())[-1]


async def test_an_agent_who_passes_on_is_not_acknowledged_and_the_ticket_is_offered(desk: "Desk") -> None:
    ticket = await passed_on(desk)
    assert ticket.original_writer is not None
    assert (ticket.original_writer.address, ticket.original_writer.by) == (MARIA, "ada")
    assert not ticket.original_writer.taken
    assert (desk.sent, ticket.acknowledged) == ([], False)
    (article,) = await desk.reader.articles(ticket.id)
    assert article.originals[0].address == MARIA
    assert article.author.identity == f"email:{ADA}"


@pytest.mark.parametrize(("sender", "assurance"), [("eve@example.net", 2), (ADA, 0)])
async def test_what_anybody_else_passes_on_stays_theirs(desk: "Desk", sender: str, assurance: int) -> None:
    ticket = await passed_on(desk, sender=sender, assurance=assurance)
    assert ticket.original_writer is None
    assert len(desk.sent) == (1 if assurance else 0)
    with pytest.raises(Conflict, match="passes on no message"):
        await desk.actions.take_original(ticket.id, actor="agent:ada")


async def test_colleagues_and_ourselves_are_not_offered_as_customers(desk: "Desk") -> None:
    colleague = {"address": "boris@desk.example"}
    ticket = await passed_on(desk, colleague, PASSED | {"address": "support@desk.example", "ours": True}, PASSED)
    assert ticket.original_writer is not None
    assert ticket.original_writer.address == MARIA
    ticket = await passed_on(desk, colleague)
    assert (ticket.original_writer, desk.sent) == (None, [])


async def test_taken_the_ticket_is_the_writers_as_a_claim_and_answers_go_to_them(desk: "Desk") -> None:
    ticket = await passed_on(desk)
    await desk.actions.take_original(ticket.number, actor="agent:ada")
    await desk.actions.take_original(ticket.number, actor="agent:ada")
    (taken,) = await desk.tickets()
    assert taken.revision == ticket.revision + 1
    assert taken.original_writer is not None
    assert (taken.original_writer.taken, taken.unproven, taken.subject) == (True, True, "Lamp")
    customer = await desk.reader.customer(str(taken.customer))
    assert customer.names == ("Maria",)
    assert [(each.key, each.assurance, each.evidence) for each in customer.identities] == [
        (f"email:{MARIA}", 0, "named in a message that ada passed on")
    ]
    assert [each.id for each in await desk.tickets(customer=str(taken.customer))] == [ticket.id]
    assert await desk.tickets(customer=str(ticket.customer)) == []
    line = (await desk.lines())[-1]
    assert line.data["changes"] == {"original_writer": [ADA, MARIA]}
    stored = await desk.reader.ticket(ticket.id)
    assert stored.work.reply_to is not None
    assert (stored.work.reply_to.to, stored.work.reply_to.claimed) == (MARIA, True)


async def test_a_customer_who_is_known_keeps_their_record_as_it_is(desk: "Desk") -> None:
    await desk.write("hello", sender=MARIA, channel="mail", name="M. Lopez")
    await desk.settle()
    (first,) = await desk.tickets()
    before = await desk.reader.customer(str(first.customer))
    ticket = await passed_on(desk)
    await desk.actions.take_original(ticket.id, actor="agent:ada")
    taken = (await desk.tickets())[-1]
    assert taken.customer == first.customer
    assert await desk.reader.customer(str(first.customer)) == before


async def answers(desk: "Desk", sender: str, assurance: int) -> str:
    """How their answer to the newest mail of ours joins."""
    await desk.settle()
    key = f"mail:{desk.sent[-1].external_id}"
    unproven = {"state": "unproven", "evidence": "nothing on it shows who sent it"}
    await desk.write(
        "still broken", sender=sender, assurance=assurance, channel="mail", conversation=key, origin=unproven
    )
    await desk.settle()
    newest = (await desk.tickets())[-1]
    return list(await desk.reader.articles(newest.id))[-1].joined_by


@pytest.mark.parametrize(("assurance", "how"), [(0, "unproven"), (2, "reference")])
async def test_the_writer_takes_part_while_the_ticket_is_theirs_and_not_when_it_was_given_back(
    desk: "Desk", assurance: int, how: str
) -> None:
    ticket = await passed_on(desk)
    await desk.actions.take_original(ticket.id, actor="agent:ada")
    await desk.actions.reply(ticket.id, Writing(text="Try another bulb.", agent="ada", actor="agent:ada"))
    assert await answers(desk, MARIA, assurance) == how
    other = await passed_on(desk)
    await desk.actions.take_original(other.id, actor="agent:ada")
    await desk.actions.reply(other.id, Writing(text="Try another bulb.", agent="ada", actor="agent:ada"))
    await desk.actions.take_original(other.id, actor="agent:ada", take=False)
    assert await answers(desk, MARIA, assurance) == ""


async def test_undone_everything_is_as_it_was(desk: "Desk") -> None:
    ticket = await passed_on(desk)
    before = await desk.reader.ticket(ticket.id)
    await desk.actions.take_original(ticket.id, actor="agent:ada")
    await desk.actions.take_original(ticket.id, actor="agent:ada", take=False)
    after = await desk.reader.ticket(ticket.id)
    assert after.work.reply_to == before.work.reply_to
    changed = {"revision": before.record.revision, "updated_at": before.record.updated_at}
    assert after.record.model_copy(update=changed) == before.record
    await desk.actions.take_original(ticket.id, actor="agent:ada", take=False)
    assert (await desk.reader.ticket(ticket.id)).record.revision == after.record.revision
