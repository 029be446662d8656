"""What every session needs, put together once."""

from dataclasses import dataclass

from ...queue.conversation_log import ConversationLogs
from ...queue.signals import Signals
from .address_codes import AddressCodes
from .file_links import FileLinks
from .receipts import ChatReceipts
from .sites import Availability, Milliseconds
from .storing import Storing


@dataclass(frozen=True, kw_only=True)
class SessionParts:
    """What every session needs."""

    logs: ConversationLogs
    signals: Signals
    storing: Storing
    receipts: ChatReceipts
    codes: AddressCodes
    links: FileLinks
    mails: bool  # whether codes can be mailed
    availability: Availability
    now: Milliseconds
