"""What the desk page knows of the visitor behind a ticket: whether they are there, and where an answer goes if not."""

from types import SimpleNamespace
from typing import Any

import pytest

from trunkline.desk.views.chat_presence import ChatPresence
from trunkline.desk.views.reply_target import Visitor
from trunkline.gateway.channels import facts
from trunkline.normalizer.sending_limits import Destination
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.conversation_log import ConversationLogs, conversation_name
from trunkline.queue.signals import Signals
from trunkline.router.private_fields import TicketWork
from trunkline.router.reply_route import ReplyAddress

VISITOR = "v_1"
HERS = conversation_name("web", VISITOR)
CHAT: Any = SimpleNamespace(work=TicketWork(reply_to=ReplyAddress(channel="chat", account="web", to=VISITOR)))
MAIL: Any = SimpleNamespace(work=TicketWork(reply_to=ReplyAddress(channel="mail", account="desk", to="m@example.org")))


@pytest.mark.parametrize(
    ("known", "email", "proven"),
    [
        ({}, "", True),
        ({"email:claimed": "typed@example.org"}, "typed@example.org", False),
        ({"email:claimed": "typed@example.org", "email:proven": "maria@example.org"}, "maria@example.org", True),
    ],
)
async def test_an_answer_follows_who_has_left_to_the_address_they_gave(
    engine: Engine, known: dict[str, str], email: str, proven: bool
) -> None:
    clock = ManualClock()
    logs = ConversationLogs(engine, clock)
    presence = ChatPresence(logs, Signals(engine), facts())
    for name, value in known.items():
        await logs.set_fact(HERS, name, value)
    await logs.seen_here([HERS])
    assert await presence.visitor(CHAT) == Visitor(here=True)
    await logs.left(HERS)
    left = clock.now()
    clock.advance(60_000)
    assert await presence.visitor(CHAT) == Visitor(left_at=left, email=email, proven=proven)


async def test_that_an_agent_writes_is_told_to_the_channel_that_carries_the_answer(engine: Engine) -> None:
    told: list[tuple[str, Destination]] = []
    logs = ConversationLogs(engine, ManualClock())
    presence = ChatPresence(logs, Signals(engine), facts(), lambda *given: told.append(given))
    for ticket in (MAIL, CHAT, SimpleNamespace(work=TicketWork())):
        await presence.typing(ticket, "Ada")  # type: ignore[arg-type]
    assert told == [("mail", Destination(account="desk", to="m@example.org"))]


async def test_nobody_is_there_behind_a_ticket_that_is_no_chat(engine: Engine) -> None:
    presence = ChatPresence(ConversationLogs(engine, ManualClock()), Signals(engine), facts())
    assert await presence.visitor(MAIL) == Visitor()
