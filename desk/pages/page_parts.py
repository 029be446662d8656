"""What the pages stand on; the gateway makes the parts and hands them over."""

from dataclasses import dataclass, field

from ...queue.conversation_log import ConversationLogs
from ...queue.feed import Feed
from ...queue.signals import Signals
from ...router.held_replies import HeldReplies
from ...web.peers import Peers
from ..api import DeskParts


@dataclass(frozen=True, kw_only=True)
class PageParts(DeskParts):
    """The parts of one process that the pages use: those of the API, and what is live."""

    peers: Peers = field(default_factory=Peers)
    held_replies: HeldReplies
    feed: Feed
    logs: ConversationLogs
    signals: Signals
