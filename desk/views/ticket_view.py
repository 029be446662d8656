"""One ticket as the page shows it: its head, its timeline, and the box in which one writes; read at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import chain

from ...router.agents import Agents
from ...router.held_list import HeldReply
from ...router.held_replies import HeldReplies
from ...router.policy import CurrentPolicy
from ...router.reader import Reader
from ...router.records import Ticket
from ...router.sight import Sight, admits
from ...router.stored_ticket import StoredTicket
from ..access.veil import seen_among
from .astray import AstrayAnswers
from .canned import Canned, canned_replies
from .chat_presence import ChatPresence
from .conversation import Conversation, Conversations
from .happenings import who
from .reply_target import (
    Hindrance,
    ReplyTarget,
    address_of,
    choose_below,
    hindrance_of,
    nothing_known,
    reply_target,
    reply_ways,
)
from .sending_words import Composing, composing
from .ticket_head import Head, head


@dataclass(frozen=True, kw_only=True)
class Merged:
    """How the ticket was merged: the number of what stands for it, who did it and why.

    Whoever does not see what stands for it is told neither its number nor why.
    """

    case: str
    by: str
    at: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class TicketView:
    """The second column."""

    ticket: Ticket
    head: Head
    conversation: Conversation
    reply_target: ReplyTarget
    held: Sequence[HeldReply]
    merged: Merged | None = None
    elsewhere: Sequence[str] = ()  # where else the customer may be reached, while an answer went astray
    may_put_back: bool = False  # whether the ticket that it was split out of is seen
    ways: Sequence[tuple[str, str]] = ()  # by which a reply can go, when there are several: ticket and words


class TicketViews:
    """Makes the second column."""

    def __init__(
        self,
        conversations: Conversations,
        reader: Reader,
        held: HeldReplies,
        presence: ChatPresence,
        agents: Agents,
        policy: CurrentPolicy,
        hindrance: Hindrance = nothing_known,
    ) -> None:
        self._conversations = conversations
        self._reader = reader
        self._held = held
        self._presence = presence
        self._agents = agents
        self._policy = policy
        self._hindrance = hindrance
        self._astray = AstrayAnswers(reader, policy)

    async def of(
        self,
        stored: StoredTicket,
        agent: str,
        *,
        zone: tzinfo,
        before: int | None = None,
        begin: int | None = None,
        sight: Sight | None = None,
    ) -> TicketView:
        """The ticket for this agent, who sees so much, where they are.

        `before` and `begin` ask for another part of its timeline.
        """
        ticket = stored.record
        out_of = [ticket.split_from] if ticket.split_from else []
        conversation, held, visitor, merged, parts, absent = await asyncio.gather(
            self._conversations.of(stored, zone=zone, before=before, begin=begin, sight=sight),
            asyncio.gather(*map(self._held.of, (ticket.id, *ticket.merged))),
            self._presence.visitor(stored),
            self._merged(stored, sight),
            self._reader.stored(ticket.merged),
            self._agents.is_offline(ticket.assignee),
        )
        policy = self._policy()
        ways = reply_ways(stored, [each for each in parts if each is not None], policy.channels)
        target = reply_target(stored, visitor, policy.channels, conversation.people, policy.addresses)
        target = replace(target, hindrance=await hindrance_of(stored, self._hindrance))
        return TicketView(
            ticket=stored.record,
            head=head(stored, agent, policy, absent=absent),
            conversation=conversation,
            reply_target=choose_below(ways) or target,
            held=sorted(chain(*held), key=lambda reply: reply.due),
            merged=merged,
            elsewhere=await self._elsewhere(stored, conversation),
            may_put_back=bool(await seen_among(out_of, sight, self._reader)),
            ways=ways,
        )

    async def _elsewhere(self, stored: StoredTicket, conversation: Conversation) -> Sequence[str]:
        receipts = (line.entry.receipt for line in conversation.lines if line.entry)
        astray = any(receipt is not None and receipt.by_hand for receipt in receipts)
        pinned = stored.work.reply_to.to if stored.work.reply_to else ""
        return await self._astray.elsewhere(stored.record, pinned) if astray else ()

    async def _merged(self, stored: StoredTicket, sight: Sight | None) -> Merged | None:
        into, merge = stored.record.merged_into, stored.work.merge
        if into is None or merge is None:
            return None
        case, by = (await self._reader.ticket(into)).record, who(merge.by, self._policy().settings.agent_names)
        seen = admits(sight, case)
        return Merged(case=case.number if seen else "", by=by, at=merge.at, reason=merge.reason if seen else "")

    def composing(self, stored: StoredTicket, agent: str) -> Composing:
        """What a reply of this agent can be."""
        policy = self._policy()
        return composing(stored, policy, policy.settings.agent_names.get(agent, ""))

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
