"""Our lines: an answer is sent by appending it to the conversation's log, once, whatever dies on the way.

Every socket of the visitor is woken, in whichever process it is. An agent's line also starts the time after which it
follows the visitor by mail, if they have left without reading it.
"""

from collections.abc import Awaitable, Callable

from ...config.errors import DeliveryDeferred, DeliveryFailed, Temporary
from ...normalizer.outgoing import Outgoing, Sent
from ...queue.conversation_log import ConversationLogs, conversation_name
from .log_lines import AGENT, our_line
from .sites import Sites

Follow = Callable[[str, str, int], Awaitable[None]]
"""Told of each line by an agent: site, conversation and position."""


class ChatSender:
    """Appends what we write."""

    def __init__(self, sites: Sites, logs: ConversationLogs, follow: Follow) -> None:
        self._sites = sites
        self._logs = logs
        self._follow = follow

    async def send(self, outgoing: Outgoing) -> Sent:
        """Append a message. Raises DeliveryDeferred, and DeliveryFailed when there is nobody or no site for it."""
        if outgoing.account not in self._sites:
            raise DeliveryFailed(f"the chat {outgoing.account!r} is not configured any more")
        if not outgoing.to:
            raise DeliveryFailed("there is nobody to send it to")
        conversation = conversation_name(outgoing.account, outgoing.to)
        line = our_line(outgoing)
        try:
            position = await self._logs.append(conversation, line, key=outgoing.article_id)
            if line["from"] == AGENT:
                await self._follow(outgoing.account, conversation, position)
        except Temporary as error:
            raise DeliveryDeferred(f"the conversation cannot be written to now: {error.detail}") from error
        return Sent(reference=outgoing.external_id, detail=f"line {position}")
