"""Spam and blocked senders: what is marked is closed and can be opened again, what is blocked waits and is not lost."""

from typing import TYPE_CHECKING

import pytest

from trunkline.config.errors import Conflict, Invalid, NotFound
from trunkline.router.blocked_senders import BlockedSenders
from trunkline.router.ticket_requests import TicketChanges

if TYPE_CHECKING:
    from .conftest import Desk

EVE = "eve@evil.example"


@pytest.fixture
def blocked(desk: "Desk") -> BlockedSenders:
    return BlockedSenders(desk.engine, desk.clock)


@pytest.mark.parametrize("whom", [EVE, "Eve@EVIL.example", "@evil.example", "@Evil.Example"])
async def test_what_a_blocked_sender_writes_waits_with_the_cause_and_can_be_released(
    desk: "Desk", blocked: BlockedSenders, whom: str
) -> None:
    record = await blocked.block(whom, actor="agent:ada", reason="only adverts")
    await desk.write("buy", sender=EVE)
    await desk.write("hello", sender="maria@notevil.example")
    await desk.settle()
    (ticket,) = await desk.tickets()
    (waits,) = await desk.intake_handler.suspended.list()
    assert (waits.sender, waits.cause) == (EVE, f"{record.sender} is blocked: only adverts")
    await desk.intake_handler.suspended.release(waits.id)
    await desk.settle()
    assert len(await desk.tickets()) == 2
    await blocked.unblock(whom)
    await desk.write("again", sender=EVE)
    await desk.settle()
    assert len(await desk.tickets()) == 3
    assert await blocked.all() == []
    assert ticket.number == "T-1"


async def test_blocks_are_listed_kept_once_and_checked(blocked: BlockedSenders, desk: "Desk") -> None:
    first = await blocked.block(EVE, actor="agent:ada")
    desk.clock.advance(1000)
    assert await blocked.block(EVE, actor="agent:boris", reason="late") == first
    other = await blocked.block("@spam.example", actor="token:crm")
    assert await blocked.all() == [other, first]
    for wrong in ("eve", "@", "@no domain", ""):
        with pytest.raises(Invalid, match="neither an e-mail address"):
            await blocked.block(wrong, actor="agent:ada")
    with pytest.raises(NotFound, match="is not blocked"):
        await blocked.unblock("nobody@evil.example")


@pytest.mark.parametrize(("block", "expected"), [("nobody", []), ("sender", [EVE]), ("domain", ["@evil.example"])])
async def test_a_ticket_marked_as_spam_is_closed_and_its_sender_blocked_if_wished_and_both_are_undone(
    desk: "Desk", blocked: BlockedSenders, block: str, expected: list[str]
) -> None:
    await blocked.block("@other.example", actor="agent:ada")
    await desk.write("buy", sender=EVE)
    await desk.settle()
    (ticket,) = await desk.tickets()
    for _ in range(2):
        await desk.actions.spam.mark(ticket.number, block=block, actor="agent:ada")  # type: ignore[arg-type]
    (marked,) = await desk.tickets()
    assert (marked.status, marked.resolution, marked.revision) == ("closed", "spam", ticket.revision + 1)
    assert sorted(each.sender for each in await blocked.all()) == sorted([*expected, "@other.example"])
    for _ in range(2):
        await desk.actions.spam.unmark(ticket.number, actor="agent:ada")
    (opened,) = await desk.tickets()
    assert (opened.status, opened.resolution) == ("new", None), "as it was"
    assert [each.sender for each in await blocked.all()] == ["@other.example"]
    assert [line.data["changes"]["spam"] for line in (await desk.lines())[-2:]] == [[False, True], [True, False]]


@pytest.mark.parametrize("status", ["open", "pending", "on_hold", "solved"])
async def test_what_was_no_spam_is_what_it_was_before(desk: "Desk", status: str) -> None:
    await desk.write("hello")
    await desk.settle()
    (ticket,) = await desk.tickets()
    await desk.actions.presence("ada", "available", actor="test")
    await desk.actions.assign(ticket.id, "ada", actor="agent:ada", force=True)
    if status != "open":
        await desk.actions.change(ticket.id, TicketChanges(status=status), actor="agent:ada")  # type: ignore[arg-type]
    (before,) = await desk.tickets()
    for _ in range(2):
        await desk.actions.spam.mark(ticket.id, block="nobody", actor="agent:ada")
        await desk.actions.spam.unmark(ticket.id, actor="agent:ada")
    (after,) = await desk.tickets()
    kept = ("status", "resolution", "assignee", "reopened")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert after.status == status


@pytest.mark.parametrize("block", ["sender", "domain"])
@pytest.mark.parametrize("proven", [True, False])
async def test_a_block_by_a_ticket_holds_what_is_proven_as_that_ticket_was(
    desk: "Desk", blocked: BlockedSenders, block: str, *, proven: bool
) -> None:
    await desk.write("buy", sender=EVE, assurance=2 if proven else 0)
    await desk.settle()
    (ticket,) = await desk.tickets()
    await desk.actions.spam.mark(ticket.id, block=block, actor="agent:ada")  # type: ignore[arg-type]
    (record,) = await blocked.all()
    assert record.holds == ("all" if proven else "unproven")
    await desk.write("in her name again", sender=EVE, assurance=0)
    await desk.write("proven", sender=EVE)
    await desk.settle()
    assert len(await desk.tickets()) == (1 if proven else 2)
    waits = await desk.intake_handler.suspended.list()
    assert {each.proven for each in waits} == ({True, False} if proven else {False})
    assert all(
        each.cause.startswith(record.sender if proven else f"unproven mail of {record.sender}") for each in waits
    )
    await desk.actions.spam.unmark(ticket.id, actor="agent:ada")
    assert await blocked.all() == []


async def test_both_blocks_of_one_sender_stand_beside_each_other(desk: "Desk", blocked: BlockedSenders) -> None:
    for number, assurance in enumerate((0, 2)):
        await desk.write("buy", sender=EVE, assurance=assurance)
        await desk.settle()
        ticket = (await desk.tickets())[number]
        await desk.actions.spam.mark(ticket.id, block="sender", actor="agent:ada")
    assert {each.holds for each in await blocked.all()} == {"all", "unproven"}
    await desk.actions.spam.unmark("T-2", actor="agent:ada")
    assert [each.holds for each in await blocked.all()] == ["unproven"]
    await blocked.forget([EVE])
    assert await blocked.all() == []


async def test_a_public_provider_is_not_blocked_as_a_whole(desk: "Desk", blocked: BlockedSenders) -> None:
    await desk.write("buy", sender="eve@gmail.com")
    await desk.settle()
    (ticket,) = await desk.tickets()
    with pytest.raises(Invalid, match="anybody can have an address at gmail"):
        await desk.actions.spam.mark(ticket.id, block="domain", actor="agent:ada")
    with pytest.raises(Invalid, match="block single addresses"):
        await blocked.block("@GMX.de", actor="token:crm")
    assert [each.status for each in await desk.tickets()] == ["new"], "nothing was done by halves"
    await desk.actions.spam.mark(ticket.id, block="sender", actor="agent:ada")
    assert [each.sender for each in await blocked.all()] == ["eve@gmail.com"]


async def test_what_ended_otherwise_stays_as_it_is_and_what_nobody_mailed_blocks_nobody(desk: "Desk") -> None:
    await desk.write("hello", sender="v1", kind="visitor")
    await desk.settle()
    (ticket,) = await desk.tickets()
    with pytest.raises(Conflict, match="no sender with an e-mail address"):
        await desk.actions.spam.mark(ticket.id, block="sender", actor="agent:ada")
    await desk.actions.change(ticket.id, TicketChanges(status="closed"), actor="agent:ada")
    with pytest.raises(Conflict, match="was no spam"):
        await desk.actions.spam.mark(ticket.id, block="nobody", actor="agent:ada")
    with pytest.raises(Conflict, match="was no spam"):
        await desk.actions.spam.unmark(ticket.id, actor="agent:ada")
