"""Mails that Resend tells of: the post has only their id, so the bytes are fetched before they are stored.

A post is signed as Standard Webhooks are, under the names of Svix (`svix-id`, `svix-timestamp`, `svix-signature`). The
mail is had in two steps: Resend's API names an address for it, and the bytes lie there; that address is believed at
hosts of Resend only. What cannot be had now is a temporary error, and Resend posts again.
"""

import re
from collections.abc import Sequence

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from ....config.errors import DeliveryDeferred, DeliveryFailed, DeliveryUnknown, Temporary, Unreadable
from ....web.vendor_api import VendorApi
from ....web.webhook_signing import ID, SIGNATURE, TIMESTAMP, verify
from ...vendor_post import Post, read_json
from .arrived import Arrived

_NAMES = {"svix-id": ID, "svix-timestamp": TIMESTAMP, "svix-signature": SIGNATURE}
_ID = re.compile(r"[\w-]{1,100}\Z")
_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,3}resend\.com\Z")


def demand_svix(post: Post, keys: Sequence[bytes], now: float) -> None:
    """Raises Forged."""
    headers = CIMultiDict((_NAMES.get(name.lower(), name), value) for name, value in post.headers.items())
    verify(CIMultiDictProxy(headers), post.body, keys, now)


class ResendMails:
    """Fetches the mails of one account, of at most `largest` bytes."""

    def __init__(self, api: str, largest: int) -> None:
        self._base = URL(api)
        self._api = VendorApi("Resend", api, patience=8.0)
        self._largest = largest

    async def read(self, post: Post, key: str) -> list[Arrived]:
        """The mail that a post tells of; none for another event. Raises Temporary, Unreadable."""
        told = read_json(post.body)
        data = told.get("data") if isinstance(told, dict) else None
        if not isinstance(data, dict) or told.get("type") != "email.received":
            return []
        mail, to = str(data.get("email_id") or ""), data.get("to")
        if not _ID.match(mail):
            raise Unreadable("the event names no mail")
        try:
            content = await self._content(mail, key)
        except (DeliveryDeferred, DeliveryUnknown) as error:
            raise Temporary(error.detail) from error
        except DeliveryFailed as error:
            raise Unreadable(f"Resend does not give the mail {mail}: {error.detail}") from error
        return [Arrived(content=content, recipients=tuple(map(str, to))[:100] if isinstance(to, list) else ())]

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()

    async def _content(self, mail: str, key: str) -> bytes:
        headers = {"Authorization": f"Bearer {key}"}
        path = f"/emails/receiving/{mail}"
        answer = await self._api.call("GET", path, headers=headers, repeatable=True, secrets=[key], largest=1 << 26)
        told = answer.json()
        raw = told.get("raw") if isinstance(told, dict) else None
        url = URL(str(raw.get("download_url") or "")) if isinstance(raw, dict) else URL()
        if not url.is_absolute() or url.origin() != self._base.origin():
            _demand_theirs(url)
        files = VendorApi("Resend", str(url.origin()), patience=8.0)
        try:
            found = await files.call("GET", url.raw_path_qs, repeatable=True, largest=self._largest)
        finally:
            await files.close()
        if not found.whole:
            raise DeliveryFailed("it is larger than channels.mail.max_size, or broke off")
        return found.content


def _demand_theirs(url: URL) -> None:
    if url.scheme != "https" or url.explicit_port is not None or not _HOST.match(url.host or ""):
        raise DeliveryFailed("it names no address of its own for the mail")
