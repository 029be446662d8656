"""Posts of our own accord, signed with a secret as Standard Webhooks says.

`webhook-id` is given by the caller: the same id is the same message, so the receiver knows a repeat.

    2xx                                        taken
    408, 425, 429, 5xx, no or broken answer    AccountUnavailable; Retry-After is obeyed
    3xx, other 4xx                             DeliveryFailed: redirects are not followed
"""

import base64
import secrets
from collections.abc import Callable
from contextlib import suppress

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, InvalidURL
from aiohttp.abc import AbstractResolver

from ..config.errors import AccountUnavailable, DeliveryFailed, TrunklineError
from ..config.secret_store import Secret
from ..config.webhook_settings import WebhookSettings
from .egress import AddressRefusedError, guarded_session
from .webhook_signing import signed_headers

_TIMEOUT = ClientTimeout(total=15, sock_connect=5)
_LATER = frozenset({408, 425, 429})
_LONGEST_WORDS = 300
_LONGEST_WAIT = 3600


def webhook_secret(name: str) -> Secret:
    """The secret by which posts to this one of `webhooks` are signed."""
    loss = "the system that is told has to be given the new one"
    return Secret(f"webhook_{name}", lambda: "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(), loss=loss)


class SignedPosts:
    """Sends them; `what` says in errors what refused, `now` gives milliseconds."""

    def __init__(self, what: str, now: Callable[[], int], resolver: AbstractResolver | None = None) -> None:
        self._what = what
        self._now = now
        self._resolver = resolver
        self._sessions: dict[bool, ClientSession] = {}

    async def post(self, to: WebhookSettings, body: bytes, *, key: bytes, message_id: str) -> str:
        """Post it; returns status and words of the answer. Raises AccountUnavailable, DeliveryFailed."""
        headers = signed_headers(key, message_id, self._now() // 1000, body)
        headers |= {"Content-Type": "application/json", "User-Agent": "Trunkline"}
        try:
            session = self._session(to.allow_private)
            async with session.post(to.url, data=body, headers=headers, allow_redirects=False) as response:
                return await self._taken(response)
        except (ClientError, OSError, TimeoutError) as error:
            raise self._unreachable(error) from error

    async def close(self) -> None:
        """Close connections."""
        while self._sessions:
            await self._sessions.popitem()[1].close()

    def _session(self, allow_private: bool) -> ClientSession:
        if allow_private not in self._sessions:
            self._sessions[allow_private] = guarded_session(
                allow_private=allow_private, timeout=_TIMEOUT, resolver=self._resolver
            )
        return self._sessions[allow_private]

    async def _taken(self, response: ClientResponse) -> str:
        words = f"{response.status} {await _words(response)}".strip()
        if 200 <= response.status < 300:
            return words
        if response.status in _LATER or response.status >= 500:
            asked = response.headers.get("Retry-After", "")
            wait = min(int(asked[:9]), _LONGEST_WAIT) if asked.isascii() and asked.isdigit() else None
            raise AccountUnavailable(f"{self._what} puts it off: {words}", retry_after=wait)
        raise DeliveryFailed(f"{self._what} refuses it: {words}")

    def _unreachable(self, error: Exception) -> TrunklineError:
        if isinstance(error, InvalidURL):
            return DeliveryFailed(f"{self._what} has no usable address: {error}")
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, AddressRefusedError):
                return DeliveryFailed(f"{self._what} is not connected to: {cause}")
            cause = cause.__cause__ or cause.__context__
        if isinstance(error, TimeoutError):
            return AccountUnavailable(f"{self._what} did not answer in time")
        return AccountUnavailable(f"{self._what} is not reached: {error}")


async def _words(response: ClientResponse) -> str:
    """The beginning of the answer's text; an answer that breaks off here has still been given."""
    with suppress(ClientError, TimeoutError):
        content = await response.content.read(_LONGEST_WORDS)
        return "".join(
            character if character.isprintable() else " " for character in content.decode("utf-8", "replace")
        )
    return ""
