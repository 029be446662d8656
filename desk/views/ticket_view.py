"""One ticket as the page shows it: its head, its timeline, and the box in which one writes; read at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from ...router.held_replies import HeldReplies, HeldReply
from ...router.policy import CurrentPolicy
from ...router.records import Ticket
from ...router.stored_ticket import StoredTicket
from .canned import Canned, canned_replies
from .chat_presence import ChatPresence
from .conversation import Conversation, Conversations
from .reply_target import ReplyTarget, address_of, reply_target
from .ticket_head import Head, head


@dataclass(frozen=True, kw_only=True)
class TicketView:
    """The second column."""

    ticket: Ticket
    head: Head
    conversation: Conversation
    reply_target: ReplyTarget
    held: Sequence[HeldReply]


class TicketViews:
    """Makes the second column."""

    def __init__(
        self, conversations: Conversations, held: HeldReplies, presence: ChatPresence, policy: CurrentPolicy
    ) -> None:
        self._conversations = conversations
        self._held = held
        self._presence = presence
        self._policy = policy

    async def of(
        self, stored: StoredTicket, agent: str, *, zone: tzinfo, before: int | None = None, begin: int | None = None
    ) -> TicketView:
        """The ticket for this agent, where they are; `before` and `begin` ask for another part of its timeline."""
        conversation, held, visitor = await asyncio.gather(
            self._conversations.of(stored, zone=zone, before=before, begin=begin),
            self._held.of(stored.record.id),
            self._presence.visitor(stored),
        )
        return TicketView(
            ticket=stored.record,
            head=head(stored, agent, self._policy()),
            conversation=conversation,
            reply_target=reply_target(stored, visitor, self._policy().channels),
            held=held,
        )

    def canned(self, stored: StoredTicket, agent: str) -> list[Canned]:
        """The canned replies for this ticket, filled in."""
        settings = self._policy().settings
        writer, address = settings.agents.get(agent), address_of(stored)
        preview = stored.work.preview
        values = {
            "customer": (address.name if address else "") or preview.by,
            "agent": writer.name if writer else "",
            "number": stored.record.number,
        }
        languages = (stored.record.language, *(writer.languages if writer else ()))
        return canned_replies(settings.canned_replies, languages, values)
