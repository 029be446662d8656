"""Requests to a vendor's HTTP API, each ending in an answer or in what has become of the message.

    2xx, and what the call lists in `also`     the answer
    not connected, or the request not written  AccountUnavailable: nothing was sent, and nothing else can be
    429, 408, 425                              AccountUnavailable, Retry-After obeyed
    401, 403                                   CredentialsRefused
    5xx, no answer in time, a broken one       AccountUnavailable where the vendor knows a repeat; else DeliveryUnknown,
                                               and the account waits all the same
    3xx, other 4xx                             DeliveryFailed, with the vendor's words

A channel whose vendor means something else by a status says so in `judge`, which is asked first. Redirects are not
followed and cookies not kept; the vendor is where `base` says, so that a stand-in can be there. No error holds a URL, a
header or one of the call's `secrets`. The session opens with the first call; `close` may be called at any time.
"""

import json
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TraceConfig, hdrs

from ..config.errors import AccountUnavailable, CredentialsRefused, DeliveryFailed, DeliveryUnknown, TrunklineError

_LATER = frozenset({408, 425, 429})
_CREDENTIALS = frozenset({401, 403})
_LONGEST_WORDS = 300
_LONGEST_WAIT = 3600


@dataclass(frozen=True)
class ApiAnswer:
    """What the vendor answered; `whole` is False when there was more of it than was asked for, or it broke off."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    whole: bool = True

    def json(self) -> Any:
        """The JSON of the answer; an empty mapping when it is none."""
        with suppress(ValueError, RecursionError):
            return json.loads(self.content)
        return {}

    def words(self, secrets: Collection[str] = ()) -> str:
        """Status and beginning of the text, printable, without the secrets."""
        text = self.content[: 8 * _LONGEST_WORDS].decode("utf-8", "replace")
        for secret in filter(None, secrets):
            text = text.replace(secret, "…")
        plain = "".join(character if character.isprintable() else " " for character in text)
        return f"{self.status} {plain[:_LONGEST_WORDS]}".strip()

    @property
    def retry_after(self) -> int | None:
        """Seconds, from a number or a date of Retry-After (RFC 9110 section 10.2.3), at most an hour."""
        asked = self.headers.get(hdrs.RETRY_AFTER, "")
        if asked.isascii() and asked.isdigit():
            return min(int(asked[:9]), _LONGEST_WAIT)
        with suppress(ValueError, TypeError):
            pause = parsedate_to_datetime(asked) - parsedate_to_datetime(self.headers.get(hdrs.DATE, ""))
            return min(max(0, int(pause.total_seconds())), _LONGEST_WAIT)
        return None


Judge = Callable[[ApiAnswer], TrunklineError | None]
"""What an answer means where the vendor's meaning is not the common one; None leaves it to the rules above."""


class VendorApi:
    """One vendor, called `vendor` in errors, at `base`. Times are seconds."""

    def __init__(
        self, vendor: str, base: str, *, judge: Judge = lambda _: None, patience: float = 15.0, connecting: float = 5.0
    ) -> None:
        self._vendor = vendor
        self._base = base.rstrip("/")
        self._judge = judge
        self._timeout = ClientTimeout(total=patience, sock_connect=connecting)
        self._session: ClientSession | None = None

    async def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        content: Any = None,
        form: Any = None,
        repeatable: bool = False,
        also: Collection[int] = (),
        secrets: Collection[str] = (),
        largest: int = 1024 * 1024,
    ) -> ApiAnswer:
        """Ask the vendor: `content` goes as JSON, `form` as aiohttp takes `data`; at most `largest` bytes are read.

        `repeatable` says that the vendor knows a repeat of it, or that a repeat does no harm. Raises
        AccountUnavailable, CredentialsRefused, DeliveryFailed, DeliveryUnknown.
        """
        progress = SimpleNamespace(written=False)
        given: dict[str, Any] = {"json": content} if form is None else {"data": form}
        given |= {"headers": headers, "params": query, "trace_request_ctx": progress, "allow_redirects": False}
        try:
            async with self._opened().request(method, self._base + path, **given) as response:
                answer = await _read(response, largest)
        except (ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
            raise self._broken(error, unsent=not progress.written, repeatable=repeatable) from None
        if 200 <= answer.status < 300 or answer.status in also:
            return answer
        raise self._judge(answer) or self._refusal(answer, answer.words(secrets), repeatable)

    async def close(self) -> None:
        """Close connections."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def _opened(self) -> ClientSession:
        if self._session is None:
            trace = TraceConfig()
            trace.on_request_headers_sent.append(_mark)
            jar = DummyCookieJar()
            self._session = ClientSession(timeout=self._timeout, cookie_jar=jar, trace_configs=[trace])
        return self._session

    def _broken(self, error: Exception, *, unsent: bool, repeatable: bool) -> TrunklineError:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        if unsent:
            return AccountUnavailable(f"{self._vendor} is not reached: {cause}")
        words = f"{self._vendor} gave no answer: {cause}"
        return AccountUnavailable(words) if repeatable else DeliveryUnknown(words, account_waits=True)

    def _refusal(self, answer: ApiAnswer, words: str, repeatable: bool) -> TrunklineError:
        if answer.status in _CREDENTIALS:
            return CredentialsRefused(f"{self._vendor} does not take our credentials: {words}")
        if answer.status in _LATER or (answer.status >= 500 and repeatable):
            return AccountUnavailable(f"{self._vendor} puts it off: {words}", retry_after=answer.retry_after)
        if answer.status >= 500:
            return DeliveryUnknown(f"{self._vendor} failed over it: {words}", account_waits=True)
        return DeliveryFailed(f"{self._vendor} refuses it: {words}")


async def _mark(_session: ClientSession, context: SimpleNamespace, _sent: object) -> None:
    if context.trace_request_ctx is not None:
        context.trace_request_ctx.written = True


async def _read(response: ClientResponse, largest: int) -> ApiAnswer:
    """The answer; a status that came stands, though the rest of it breaks off."""
    content, whole = bytearray(), False
    with suppress(ClientError, OSError):
        async for chunk in response.content.iter_chunked(65536):
            content += chunk
            if len(content) > largest:
                break
        else:
            whole = True
    return ApiAnswer(response.status, response.headers, bytes(content[:largest]), whole)
