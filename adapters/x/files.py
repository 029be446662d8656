"""Files of messages, fetched from X's own servers by the address that `parse` wrote of them.

Pictures of posts are public. Those of direct messages are given only to a request signed in the name of an account that
takes part in them ("Retrieving media"). Whoever stands in for X on loopback may give out files itself.
"""

from yarl import URL

from ...normalizer.outgoing import Fetched, FileSink
from ..vendor_files import VendorFiles
from .api import XApi

HOSTS = (".twimg.com", "ton.twitter.com", "ton.x.com")
_PRIVATE_PATHS = ("/dm_", "/1.1/ton/", "/i/ton/")


class XFiles:
    """Files of one account."""

    def __init__(self, base: str, api: XApi) -> None:
        there = URL(base)
        stand_in = there.scheme == "http"
        self._files = VendorFiles([*HOSTS, *([there.host or ""] if stand_in else [])], allow_private=stand_in)
        self._api = api

    async def fetch(self, reference: str, into: FileSink) -> Fetched:
        """Pour out a file; see `Adapter.fetch`."""
        headers = {"Authorization": self._api.signed("GET", reference)} if _is_private(reference) else {}
        return await self._files.get(reference, into, headers=headers)

    async def close(self) -> None:
        """Close connections."""
        await self._files.close()


def _is_private(reference: str) -> bool:
    try:
        return URL(reference).raw_path.startswith(_PRIVATE_PATHS)
    except ValueError:
        return False
