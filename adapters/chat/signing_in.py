"""A visitor who signs in during a chat: the conversation goes on, and is that person's from then on.

The page says who is signed in now, and the browser still shows the token of the visitor who has just written: then the
person goes on in that conversation, in every browser, until the next time. It is theirs alone: the visitor's token
opens it no more, also where it is open, so whoever sits at that browser next, signed in or not, never sees it.

Only a conversation in which the visitor wrote in the last half hour is taken for the same person's, and none in which
another address was given: at a shared browser one person may sign in soon after another has left. What a person wrote
before in a conversation of their own stays where it was; an answer there follows them by mail.
"""

from dataclasses import replace

from ...queue.conversation_log import ConversationLogs, conversation_name
from .admission import Visitor
from .close_codes import Unproven
from .log_lines import VISITOR
from .sites import Milliseconds
from .storing import CLAIMED, PROVEN
from .visitor_token import SIGNED as SIGNED_IN

OWNER, GOES_ON = "signed:owner", "signed:goes_on"
"""Facts of a conversation: the signed-in visitor whose it has become; the visitor in whose conversation it goes on."""

LATELY_MS = 30 * 60_000
LINES = 50
"""Of the newest lines, those among which the visitor must have written."""


class SigningIn:
    """Leads visitors to the conversation that is theirs."""

    def __init__(self, logs: ConversationLogs, now: Milliseconds) -> None:
        self._logs = logs
        self._now = now

    async def led(self, visitor: Visitor, before: str = "") -> Visitor:
        """The visitor in their conversation; `before` is who the browser was until they signed in, as its token says.

        Raises Unproven when it has become somebody's, and temporary errors.
        """
        if not visitor.id.startswith(SIGNED_IN):
            await self.demand_theirs(visitor)
            return visitor
        if before and await self._becomes_theirs(visitor, before):
            await self._logs.set_fact(visitor.conversation, GOES_ON, before)
        goes_on = await self._logs.fact(visitor.conversation, GOES_ON)
        return replace(visitor, id=goes_on, signed_in_as=visitor.id) if goes_on else visitor

    async def demand_theirs(self, visitor: Visitor) -> None:
        """Raises Unproven when the conversation of a visitor whom only their browser vouches for is somebody's."""
        is_signed_in = visitor.id.startswith(SIGNED_IN) or bool(visitor.signed_in_as)
        if not is_signed_in and await self._logs.fact(visitor.conversation, OWNER):
            raise Unproven("this conversation is of somebody who has signed in")

    async def _becomes_theirs(self, visitor: Visitor, before: str) -> bool:
        """Whether they go on in the conversation of this visitor from now on; of two who try, the first does."""
        conversation = conversation_name(visitor.site, before)
        if owner := await self._logs.fact(conversation, OWNER):
            return owner == visitor.id and not await self._logs.fact(visitor.conversation, GOES_ON)
        if not await self._is_same(visitor, conversation):
            return False
        return await self._logs.claim_fact(conversation, OWNER, visitor.id) == visitor.id

    async def _is_same(self, visitor: Visitor, conversation: str) -> bool:
        facts, last = await self._logs.facts(conversation), await self._logs.last(conversation)
        if not {facts.get(PROVEN), facts.get(CLAIMED)} <= {None, visitor.email}:
            return False
        lines = await self._logs.before(conversation, before=last + 1, limit=LINES)
        wrote = [int(line.data["at"]) for line in lines if line.data.get("from") == VISITOR]
        return bool(wrote) and wrote[-1] > self._now() - LATELY_MS
