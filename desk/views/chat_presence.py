"""The visitor behind a ticket that came by chat: whether they are there, how else to reach them, what they have seen.

A ticket that is answered by chat is one conversation of the logs (queue/conversation_log.py). For all other tickets
there is nobody to be there; their channels are only told that an agent is writing, for those that can show it.
"""

import asyncio
from collections.abc import Callable

from ...normalizer.channel_facts import Channels
from ...normalizer.sending_limits import Destination
from ...queue.conversation_log import ConversationLogs, conversation_name
from ...queue.signals import Signals
from ...router.stored_ticket import StoredTicket
from .reply_target import Visitor, address_of

PROVEN, CLAIMED = "email:proven", "email:claimed"
READ = "desk:read"

Typing = Callable[[str, Destination], None]
"""Tells a channel, by its name, that an agent writes an answer that goes there."""


class ChatPresence:
    """Looks at the conversations behind tickets."""

    def __init__(
        self,
        logs: ConversationLogs,
        signals: Signals,
        channels: Channels,
        tell: Typing = lambda *_: None,
    ) -> None:
        self._logs = logs
        self._channels = channels
        self._signals = signals
        self._tell = tell

    async def visitor(self, stored: StoredTicket) -> Visitor:
        """How it stands with the visitor."""
        conversation = self.conversation_of(stored)
        if not conversation:
            return Visitor()
        (here, seen_at), facts = await asyncio.gather(self._logs.here(conversation), self._logs.facts(conversation))
        if here:
            return Visitor(here=True)
        proven, claimed = facts.get(PROVEN, ""), facts.get(CLAIMED, "")
        return Visitor(left_at=seen_at, email=proven or claimed, proven=bool(proven or not claimed))

    async def is_here(self, conversation: str) -> bool:
        """Whether the visitor is connected."""
        return (await self._logs.here(conversation))[0]

    async def read(self, stored: StoredTicket) -> None:
        """An agent sees everything that the visitor wrote."""
        conversation = self.conversation_of(stored)
        if conversation:
            await self._logs.mark(conversation, READ, await self._logs.last(conversation))

    async def typing(self, stored: StoredTicket, name: str) -> None:
        """An agent is writing; told to whoever looks, and lost when nobody does."""
        address, conversation = address_of(stored), self.conversation_of(stored)
        if address is not None and not conversation:
            to = Destination(account=address.account, to=address.to, conversation=address.conversation)
            self._tell(address.channel, to)
        if conversation:
            await self._signals.send(conversation, {"who": "agent", "name": name})

    def conversation_of(self, stored: StoredTicket) -> str:
        """The name of the conversation that carries this ticket; empty when nobody can be seen to be there."""
        address = address_of(stored)
        if address is None or not self._channels[address.channel].presence:
            return ""
        return conversation_name(address.account, address.to)
