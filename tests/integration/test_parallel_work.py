"""What an agent has in hand at once: letters keep nobody from a chat, a call takes all of its agent."""

from typing import TYPE_CHECKING, Any

from trunkline.router.ticket_requests import TicketChanges

if TYPE_CHECKING:
    from .conftest import Desk


def settings(**handling: Any) -> dict[str, Any]:
    return {
        "queues": {"support": {"fallback": True}},
        "agents": {"ada": {"name": "Ada", "queues": ["support"], "languages": ["en"]}},
        "handling": handling,
    }


async def arrive(desk: "Desk", *channels: str) -> None:
    for at, channel in enumerate(channels, len(await desk.tickets())):
        await desk.write(f"hello {channel}", sender=f"{channel}{at}@example.org", channel=channel)
    await desk.settle()


async def in_hand(desk: "Desk") -> list[str]:
    active = [ticket for ticket in await desk.tickets() if ticket.status in ("new", "open")]
    return sorted(ticket.channel for ticket in active if ticket.offer or ticket.assignee)


async def test_two_letters_in_hand_keep_nobody_from_three_chats(desk: "Desk") -> None:
    desk.configure(settings())
    await desk.start()
    await desk.actions.presence("ada", "available", actor="test")
    await arrive(desk, "mail", "mail", "mail")
    assert await in_hand(desk) == ["mail", "mail"]
    await arrive(desk, "chat", "chat", "chat", "chat")
    assert await in_hand(desk) == ["chat", "chat", "chat", "mail", "mail"]


async def test_a_call_is_offered_to_nobody_in_conversation_and_nothing_is_while_it_lasts(desk: "Desk") -> None:
    desk.configure(settings(test={"patient": False, "exclusive": True}))
    await desk.start()
    await desk.actions.presence("ada", "available", actor="test")
    await arrive(desk, "chat", "test")
    assert await in_hand(desk) == ["chat"]
    (chat,) = [ticket for ticket in await desk.tickets() if ticket.channel == "chat"]
    await desk.actions.accept(chat.id, "ada", actor="ada")
    await desk.actions.change(chat.id, TicketChanges(status="solved"), actor="ada")
    await desk.settle()
    await arrive(desk, "chat", "mail")
    assert await in_hand(desk) == ["test"]


async def test_room_is_kept_for_a_heavy_ticket_that_light_ones_would_never_let_pass(desk: "Desk") -> None:
    handling = {"test": {"weight": 2, "patient": False}, "mail": {"patient": False}}
    known = settings(**handling)
    known["agents"]["ada"]["capacity"] = 2
    desk.configure(known)
    await desk.start()
    await desk.actions.presence("ada", "available", actor="test")
    await arrive(desk, "mail", "mail")
    await arrive(desk, "test")
    desk.clock.advance(1_000)
    await arrive(desk, "mail", "mail")
    assert await in_hand(desk) == ["mail", "mail"]
    heavy = next(ticket for ticket in await desk.tickets() if ticket.channel == "test")
    await finish_one(desk)
    assert await in_hand(desk) == ["mail", "mail"]
    desk.clock.advance((await desk.reader.ticket(heavy.id)).work.target_ms * 3 // 10)
    await finish_one(desk)
    assert await in_hand(desk) == ["mail"]
    await finish_one(desk)
    assert await in_hand(desk) == ["test"]


async def finish_one(desk: "Desk") -> None:
    """Ada is done with one of her letters."""
    for ticket in await desk.tickets(offered_to="ada"):
        await desk.actions.accept(ticket.id, "ada", actor="ada")
    done, *_ = await desk.tickets(assignee="ada", status="open")
    await desk.actions.change(done.id, TicketChanges(status="solved"), actor="ada")
    await desk.settle()
