"""Links to files that expire: signed by us for a site, a file and its name, so nobody else can make one up.

A link opens one file for whoever has it, for a day; each connection gets fresh ones.
"""

import hmac
from base64 import urlsafe_b64encode
from urllib.parse import quote, urlencode

from ...config.errors import Gone, NotFound

LIFETIME_MS = 86_400_000
_ROUND_MS = 3_600_000  # so that the same line has the same link for a while, and browsers keep what they have


class FileLinks:
    """Makes and checks links."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def url(self, site: str, sha256: str, name: str, now: int) -> str:
        """The path and query of a link."""
        expires = (now // _ROUND_MS + 1) * _ROUND_MS + LIFETIME_MS
        query = {"name": name, "expires": expires, "mac": self._mac(site, sha256, name, str(expires))}
        return f"/chat/{quote(site)}/files/{sha256}?{urlencode(query)}"

    def check(self, site: str, sha256: str, name: str, expires: str, mac: str, now: int) -> None:
        """Raises NotFound for a link that is not ours, Gone for one that has run out."""
        expected = self._mac(site, sha256, name, expires)
        if not hmac.compare_digest(expected.encode(), mac.encode("utf-8", "replace")):
            raise NotFound("there is no such file")
        if now >= int(expires):
            raise Gone("this link has run out; open the chat again")

    def _mac(self, site: str, sha256: str, name: str, expires: str) -> str:
        words = "\0".join(("trunkline chat file", site, sha256, expires, name))
        mark = hmac.digest(self._key, words.encode("utf-8", "surrogatepass"), "sha256")
        return urlsafe_b64encode(mark).rstrip(b"=").decode()
