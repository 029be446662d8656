"""What the pages stand on; the gateway makes the parts and hands them over."""

from dataclasses import dataclass, field

from ...queue.blobs import Blobs
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.conversation_log import ConversationLogs
from ...queue.feed import Feed
from ...queue.signals import Signals
from ...router.actions import Actions
from ...router.agents import Agents
from ...router.held_replies import HeldReplies
from ...router.policy import CurrentPolicy
from ...router.reader import Reader
from ...web.peers import Peers
from ...web.tokens import Tokens


@dataclass(frozen=True, kw_only=True)
class PageParts:
    """The parts of one process that the pages use."""

    engine: Engine
    clock: Clock
    blobs: Blobs
    policy: CurrentPolicy
    actions: Actions
    reader: Reader
    agents: Agents
    tokens: Tokens
    peers: Peers = field(default_factory=Peers)
    held_replies: HeldReplies
    feed: Feed
    logs: ConversationLogs
    signals: Signals
