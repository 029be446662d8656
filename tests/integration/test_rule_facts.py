"""Rules ask for what was there before a message, and fill fields from what it says."""

from typing import TYPE_CHECKING

from trunkline.router.ticket_requests import TicketChanges

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

_AGAIN = {
    "name": "somebody with an open ticket",
    "when": {"history": {"open": {"at_least": 1}, "days_since": {"at_most": 7}}},
    "then": {"tags": ["again"]},
    "continue": True,
}
_ORDER = {
    "name": "an order",
    "when": {"text_regex": r"order (?P<order>\w+)"},
    "then": {"fields": {"order": "{order}", "parts": "{order}"}, "impact": 1, "urgency": 1},
}


async def test_a_rule_sees_the_tickets_that_a_customer_had_before(desk: "Desk") -> None:
    desk.configure(SETTINGS | {"rules": [_AGAIN]})
    await desk.write("first", subject="one")
    await desk.settle()
    (first,) = await desk.tickets()
    await desk.write("second", subject="two")
    await desk.settle()
    await desk.actions.change(first.id, TicketChanges(status="solved"), actor="agent:ada")
    await desk.write("third", name="Li", sender="li@example.org")
    await desk.settle()
    tags = {ticket.number: ticket.tags for ticket in await desk.tickets()}
    assert tags == {"T-1": (), "T-2": ("again",), "T-3": ()}


async def test_a_named_group_fills_a_field_and_what_a_field_cannot_have_changes_nothing(desk: "Desk") -> None:
    desk.configure(SETTINGS | {"rules": [_ORDER]})
    await desk.write("Where is my order A17?")
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.fields == {"order": "A17"}
    assert (ticket.impact, ticket.urgency, ticket.priority) == (1, 1, 1)
    (told,) = [line for line in await desk.lines() if line.kind == "ticket.created"]
    assert told.data["ticket"]["priority"] == 1
