"""Files of messages, fetched by what `parse` wrote of them.

Messenger and Instagram give an address at Meta's own servers, which expires; WhatsApp gives an id, for which the Graph
API tells an address that is good for five minutes and wants the token as well. Whoever stands in for Meta on loopback
may give out files itself.
"""

from yarl import URL

from ...config.errors import DeliveryFailed
from ...normalizer.outgoing import Fetched, FileSink
from ..vendor_files import VendorFiles
from .graph import Graph
from .settings import MetaAccountSettings

HOSTS = (".fbcdn.net", ".fbsbx.com", ".cdninstagram.com", "lookaside.facebook.com", ".whatsapp.net")


class MetaFiles:
    """Files of one account."""

    def __init__(self, settings: MetaAccountSettings, graph: Graph) -> None:
        there = URL(settings.api)
        stand_in = there.scheme == "http"
        self._files = VendorFiles([*HOSTS, *([there.host or ""] if stand_in else [])], allow_private=stand_in)
        self._number = settings.id if settings.product == "whatsapp" else ""
        self._graph = graph

    async def fetch(self, reference: str, into: FileSink) -> Fetched:
        """Pour out a file; see `Adapter.fetch`."""
        if not self._number:
            return await self._files.get(reference, into)
        if not (reference.isascii() and reference.isalnum()):
            raise DeliveryFailed("WhatsApp gives no file by such an id")
        told = await self._graph.get(reference, phone_number_id=self._number)
        fetched = await self._files.get(str(told.get("url") or ""), into, headers=self._graph.headers)
        return fetched if fetched.media_type else Fetched(name=fetched.name, media_type=str(told.get("mime_type", "")))

    async def close(self) -> None:
        """Close connections."""
        await self._files.close()
