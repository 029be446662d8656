"""Messages of visitors from files, for the command line: what a client sent as a frame, or as it was stored.

No connection has proven anything of who wrote, so they are a visitor of their own, the same for the same bytes.
"""

import hashlib
from uuid import NAMESPACE_OID, uuid5

from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Parsed
from .parsing import read_raw
from .settings import ChatSettings
from .sites import CHANNEL


def read_file(content: bytes, settings: ChatSettings, *, site: str = "") -> Parsed:
    """A message as the channel would read it, on the first site when none is named. Raises Unreadable."""
    digest = hashlib.sha256(content).hexdigest()
    visitor = digest[:32]
    return read_raw(
        RawMessage(
            id=str(uuid5(NAMESPACE_OID, digest)),
            channel=CHANNEL,
            account=site or next(iter(settings.root), ""),
            external_id=f"{visitor}:{digest[32:]}",
            received_at=0,
            content=content,
            size=len(content),
            transport={"visitor": visitor},
        )
    )
