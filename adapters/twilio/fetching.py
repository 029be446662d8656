"""Files that customers sent, from Twilio's own servers only, with the credentials only at its API.

The address of a file stands in a post that Twilio signed; the API sends on to where the file lies, without the
credentials ("Media resource"). Without them files could be had by anybody who knows the address, unless *HTTP Basic
authentication for media* is switched on at Twilio, which it should be.
"""

from collections.abc import Mapping

from yarl import URL

from ...config.errors import DeliveryFailed
from ...normalizer.outgoing import Fetched, FileSink
from ..vendor_files import VendorFiles

HOSTS = (".twilio.com", ".twiliocdn.com", "s3-external-1.amazonaws.com")


class TwilioFiles:
    """The files that one account was sent; `headers` hold its credentials."""

    def __init__(self, base: str, headers: Mapping[str, str]) -> None:
        there = URL(base)
        self._trusted = there.host or ""
        self._headers = headers
        self._files = VendorFiles([self._trusted, *HOSTS], allow_private=there.scheme == "http")

    async def fetch(self, reference: str, into: FileSink) -> Fetched:
        """Pour out a file. Raises DeliveryDeferred, DeliveryFailed, and what the sink raises."""
        try:
            host = URL(reference).host or ""
        except ValueError as error:
            raise DeliveryFailed("the file has no usable address") from error
        shown = host == self._trusted or host.endswith(".twilio.com")
        return await self._files.get(reference, into, headers=self._headers if shown else None)

    async def close(self) -> None:
        """Close connections."""
        await self._files.close()
