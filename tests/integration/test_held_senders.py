"""What one sender writes beyond the cap of an hour is held, shown, and let go with one step; nothing of it is lost."""

from typing import Any

import pytest

from trunkline.queue.intake import unpack
from trunkline.queue.work import WorkQueue
from trunkline.router.records import Ticket
from trunkline.router.sender_caps import cap_of
from trunkline.router.ticket_requests import TicketChanges

from .conftest import SETTINGS, Desk

MARIA, BOB = "maria@example.org", "bob@example.org"


@pytest.fixture
def desk_url(engine_url: str) -> str:
    """One engine is enough here: that the scripts run on a cluster, other tests tell."""
    return engine_url


@pytest.fixture
def capped(desk: Desk) -> Desk:
    agents = SETTINGS["agents"] | {"ada": SETTINGS["agents"]["ada"] | {"email": "ada@desk.example"}}
    senders = {"messages_per_hour": 3, "unlimited": ["monitor@desk.example", "@Machines.example"]}
    desk.configure(SETTINGS | {"agents": agents, "senders": senders})
    return desk


async def write(desk: Desk, count: int, sender: str = MARIA, **facts: Any) -> None:
    for number in range(count):
        desk.clock.advance(1)
        await desk.write(f"my lamp is broken {number}", sender=sender, channel="mail", **facts)
        await desk.settle()


async def held(desk: Desk, ticket: Ticket) -> int:
    return await desk.actions.held_senders.count(await desk.reader.ticket(ticket.id))


async def test_what_is_more_than_the_cap_waits_and_is_told_beside_the_sender(capped: Desk) -> None:
    await write(capped, 8)
    await write(capped, 2, BOB)
    tickets = await capped.tickets()
    assert len(tickets) == 5
    assert [await held(capped, ticket) for ticket in tickets] == [5, 5, 5, 0, 0]
    suspended = await capped.intake_handler.suspended.list()
    assert {(each.cause, each.sender) for each in suspended} == {
        (f"more than 3 messages of {MARIA} within an hour", MARIA)
    }


async def test_an_address_with_a_comma_is_one_sender(capped: Desk) -> None:
    odd = '"lee, maria"@example.org'
    await write(capped, 5, odd)
    (first, *_) = await capped.tickets()
    assert await held(capped, first) == 2
    assert await capped.actions.held_senders.release(first.id) == 2
    assert await held(capped, first) == 0


async def test_it_is_filed_with_one_step_and_nobody_is_acknowledged(capped: Desk) -> None:
    await write(capped, 8)
    sent, (first, *_) = len(capped.sent), await capped.tickets()
    assert await capped.actions.held_senders.release(first.id) == 5
    await capped.settle()
    texts = {(await capped.reader.articles(each.id))[0].text for each in await capped.tickets()}
    assert texts == {f"my lamp is broken {number}" for number in range(8)}
    assert (await held(capped, first), len(capped.sent)) == (0, sent)
    assert await capped.intake_handler.suspended.count() == 0


async def test_it_is_filed_in_the_order_in_which_it_came_by_one_filer_at_a_time(capped: Desk) -> None:
    await write(capped, 8)
    (first, *_) = await capped.tickets()
    waiting = [each.id for each in reversed(await capped.intake_handler.suspended.list())]
    await capped.actions.held_senders.release(first.id)
    (lane,) = (await WorkQueue(capped.engine, "intake").claim(capped.clock.now(), lanes=10)).lanes
    assert [unpack(entry.payload)[0]["id"] for entry in lane] == waiting


async def test_what_is_dropped_or_filed_from_the_list_is_held_no_more(capped: Desk) -> None:
    await write(capped, 5)
    suspended, (first, *_) = capped.intake_handler.suspended, await capped.tickets()
    one, other = await suspended.list()
    await suspended.release(one.id)
    await suspended.drop(other.id, capped.clock.now())
    assert await held(capped, first) == 0


async def test_the_next_hour_begins_anew(capped: Desk) -> None:
    await write(capped, 4)
    capped.clock.advance(3_600_000)
    await write(capped, 3)
    assert len(await capped.tickets()) == 6


async def test_a_message_that_would_wake_a_ticket_is_held_too(capped: Desk) -> None:
    await write(capped, 3, conversation="mail:thread")
    (ticket,) = await capped.tickets()
    await capped.actions.change(ticket.id, TicketChanges(status="solved", resolution="resolved"), actor="agent:ada")
    await write(capped, 2, conversation="mail:thread")
    (ticket,) = await capped.tickets()
    assert (ticket.status, await held(capped, ticket)) == ("solved", 2)


async def test_what_is_written_in_somebodys_name_uses_up_nothing_of_theirs(capped: Desk) -> None:
    await write(capped, 9, assurance=0)
    await write(capped, 2)
    assert len(await capped.tickets()) == 5
    assert await held(capped, (await capped.tickets())[-1]) == 6


@pytest.mark.parametrize(
    ("sender", "facts"),
    [
        ("monitor@desk.example", {}),
        ("any@machines.example", {}),
        ("ada@desk.example", {}),
        ("ada@desk.example", {"assurance": 0, "capped": True}),
        ("web:visitor", {"kind": "visitor"}),
        (MARIA, {"channel": "http"}),
    ],
)
async def test_whom_it_holds_for(capped: Desk, sender: str, facts: dict[str, Any]) -> None:
    parsed = await capped.parse(await raw(capped, sender, facts))
    assert (cap_of(parsed.envelopes[0], capped.policy) is not None) is bool(facts.get("capped"))


async def test_a_form_counts_for_each_person_for_whom_it_writes(capped: Desk) -> None:
    for person in "abcde":
        await write(capped, 2, "wordpress@shop.example", reply_to=f"{person}@a.example")
    assert len(await capped.tickets()) == 10


async def raw(desk: Desk, sender: str, facts: dict[str, Any]) -> Any:
    from trunkline.normalizer.envelope import RawMessage

    transport = {"text": "hello", "sender": sender, "assurance": 2, "conversation": ""} | facts
    id_ = "01890000-0000-7000-8000-000000000001"
    channel = facts.get("channel", "mail")
    return RawMessage(id=id_, channel=channel, external_id="1", received_at=desk.clock.now(), transport=transport)
