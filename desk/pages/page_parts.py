"""What the pages stand on; the gateway makes the parts and hands them over."""

from dataclasses import dataclass, field
from functools import cached_property

from ...queue.conversation_log import ConversationLogs
from ...queue.feed import Feed
from ...queue.signals import Signals
from ...router.held_replies import HeldReplies
from ...web.peers import Peers
from ..access.access import Access
from ..access.audit import Audit
from ..api import DeskParts
from ..openid.signed_in_people import SignedInPeople
from ..views.chat_presence import Typing
from ..views.reply_target import Hindrance, nothing_known


@dataclass(frozen=True, kw_only=True)
class PageParts(DeskParts):
    """The parts of one process that the pages use: those of the API, and what is live."""

    peers: Peers = field(default_factory=Peers)
    held_replies: HeldReplies
    feed: Feed
    logs: ConversationLogs
    signals: Signals
    typing: Typing = lambda *_: None
    hindrance: Hindrance = nothing_known
    people: SignedInPeople | None = None
    """Who is signed in by an identity provider, where one is configured."""

    @cached_property
    def access(self) -> Access:
        """Who may see and do what."""
        return Access(self.policy, self.reader, Audit(self.engine, self.clock), self.held_replies)
