"""Files fetched from a vendor's servers, for `Adapter.fetch`.

The address may come from a message, so it is not believed: only names that the channel lists are asked, over HTTPS, at
public addresses (web/egress.py). A redirect is followed to another name of the list, without the credentials, and
never out of it. The bytes are poured on as they come and never lie in memory; more than the sink takes is TooLarge, by
what the answer says of its length or else where it becomes too much.

    200                                        fetched
    202, 408, 425, 429, 5xx, no answer         DeliveryDeferred; Retry-After is obeyed
    401                                        CredentialsRefused: they can be renewed, and the file is there then
    any other                                  DeliveryFailed, with words for an agent

Errors name the host and never the address, which may hold a secret.
"""

from collections.abc import Collection, Mapping

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, hdrs
from aiohttp.abc import AbstractResolver
from yarl import URL

from ..config.errors import CredentialsRefused, DeliveryDeferred, DeliveryFailed, TooLarge, TrunklineError
from ..normalizer.outgoing import Fetched, FileSink
from ..web.egress import AddressRefusedError, guarded_session

PART = 256 * 1024
MOST_REDIRECTS = 3

_PATIENCE = ClientTimeout(total=None, sock_connect=10, sock_read=30)
_LATER = frozenset({202, 408, 425, 429})
_MOVED = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_LONGEST_WAIT = 3600


class VendorFiles:
    """Fetches from these hosts. One that begins with a dot stands for all names below it: `.fbcdn.net`.

    `allow_private` is a channel's setting for whoever stands in for the vendor: private addresses, and plain HTTP.
    `plain_http` is for a vendor that gives out some files in no other way.
    """

    def __init__(
        self,
        hosts: Collection[str],
        *,
        allow_private: bool = False,
        plain_http: bool = False,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._hosts = frozenset(each.lower() for each in hosts)
        self._allow_private = allow_private
        self._ways = {("https", 443), ("http", 80)} if plain_http else {("https", 443)}
        self._resolver = resolver
        self._session: ClientSession | None = None

    async def get(self, url: str, into: FileSink, *, headers: Mapping[str, str] | None = None) -> Fetched:
        """Pour what is there into the sink. Raises DeliveryDeferred, DeliveryFailed, and what the sink raises."""
        target, sent = self._checked(url), dict(headers or {})
        for _ in range(MOST_REDIRECTS + 1):
            try:
                async with self._opened().get(
                    target,
                    headers={**sent, hdrs.ACCEPT_ENCODING: "identity", hdrs.USER_AGENT: "Trunkline"},
                    allow_redirects=False,
                ) as response:
                    if response.status not in _MOVED:
                        return await self._poured(response, into)
                    there = self._checked(str(target.join(URL(response.headers.get(hdrs.LOCATION, "")))))
            except (ClientError, OSError, TimeoutError, ValueError) as error:
                raise _unreached(target.host or "", error) from error
            sent = sent if there.origin() == target.origin() else {}
            target = there
        raise DeliveryFailed(f"{target.host} sends from one address to the next, and never the file")

    async def close(self) -> None:
        """Close connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> ClientSession:
        if self._session is None:
            self._session = guarded_session(
                allow_private=self._allow_private, timeout=_PATIENCE, resolver=self._resolver
            )
        return self._session

    def _checked(self, text: str) -> URL:
        """The address. Raises DeliveryFailed for one at which no file of the channel is."""
        try:
            url = URL(text)
            host, port = (url.host or "").lower().rstrip("."), url.port
        except ValueError as error:
            raise DeliveryFailed("the file has no usable address") from error
        known = host in self._hosts or any(each.startswith(".") and host.endswith(each) for each in self._hosts)
        if not known or url.user is not None:
            raise DeliveryFailed(f"the file is at {host[:100] or 'no address'}, which is no server of the channel")
        if (url.scheme, port) not in self._ways and not (self._allow_private and url.scheme in ("http", "https")):
            raise DeliveryFailed(f"the file is at {host} by another way than HTTPS")
        return url

    async def _poured(self, response: ClientResponse, into: FileSink) -> Fetched:
        if response.status != 200:
            raise _refused(response)
        if (response.content_length or 0) > into.largest:
            raise TooLarge(f"the file has {response.content_length} bytes")
        async for part in response.content.iter_chunked(PART):
            await into.write(part)
        disposition = response.content_disposition
        name = disposition.filename if disposition is not None else None
        return Fetched(name=name or "", media_type=response.headers.get(hdrs.CONTENT_TYPE, ""))


def _refused(response: ClientResponse) -> TrunklineError:
    status, host = response.status, response.url.host
    if status in _GONE:
        return DeliveryFailed("the channel no longer has it")
    if status in _LATER or status >= 500:
        asked = response.headers.get(hdrs.RETRY_AFTER, "")
        wait = min(int(asked[:9]), _LONGEST_WAIT) if asked.isascii() and asked.isdigit() else None
        return DeliveryDeferred(f"{host} puts it off ({status})", retry_after=wait)
    if status == 401:
        return CredentialsRefused(f"{host} does not take our credentials")
    return DeliveryFailed(f"{host} does not give it out ({status})")


def _unreached(host: str, error: Exception) -> TrunklineError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefusedError):
            return DeliveryFailed(f"{host} is at an address that is not connected to")
        cause = cause.__cause__ or cause.__context__
    return DeliveryDeferred(f"{host} is not reached, or breaks off ({type(error).__name__})")
