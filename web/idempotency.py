"""`Idempotency-Key`: a write that is sent twice is done once.

The key counts per principal and operation for a day. The first request with a key is carried out and its answer is
kept; a repeat gets that answer with `Idempotency-Replayed: true`. The same key with another request is 422; while the
first is still under way, 409 with Retry-After (draft-ietf-httpapi-idempotency-key-header, section 2.7). A refusal
changed nothing and is not kept, so the caller may put the cause right and use the key again.

The store is handed in. It claims a key atomically for whoever asks first; the claim is renewed as long as the work
lasts, and one whose owner died is free again after `CLAIM_SECONDS`. The effect itself is guarded by the action, which
is given the key: between effect and kept answer a crash can fall, and then the action must recognise the repeat.
"""

import asyncio
import hashlib
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from aiohttp import hdrs, web

from ..config.errors import Conflict, Invalid, Refused, Temporary

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY_PATTERN = r"^[!-~]{1,255}$"
KEEP_SECONDS = 86_400
CLAIM_SECONDS = 9
RENEW_SECONDS = 3

_KEPT_HEADERS = (hdrs.CONTENT_TYPE, hdrs.ETAG, hdrs.LOCATION)


@dataclass(frozen=True)
class Claimed:
    """The key was free and is now the caller's to carry out."""


@dataclass(frozen=True)
class InProgress:
    """Somebody else is carrying it out; `fingerprint` is their request's."""

    fingerprint: str


@dataclass(frozen=True)
class Done:
    """It has been carried out; `answer` is what was said."""

    fingerprint: str
    answer: bytes


class IdempotencyStore(Protocol):
    """Where keys are claimed and answers kept."""

    async def claim(self, key: str, fingerprint: str, owner: str) -> Claimed | InProgress | Done:
        """Claim the key for this owner for CLAIM_SECONDS, or tell what is known of it; one atomic step."""

    async def renew(self, key: str, owner: str) -> None:
        """Claim it for CLAIM_SECONDS more, if the claim is still this owner's."""

    async def keep(self, key: str, owner: str, answer: bytes) -> None:
        """Keep the answer for KEEP_SECONDS, if the claim is still this owner's."""

    async def release(self, key: str, owner: str) -> None:
        """Free the key, if the claim is still this owner's."""


def key_of(request: web.Request) -> str | None:
    """The key as sent; None without one. Raises Refused."""
    given = request.headers.getall(HEADER, [])
    if not given:
        return None
    value = given[0]
    if len(given) > 1 or not 1 <= len(value) <= 255 or not all("!" <= character <= "~" for character in value):
        raise Refused(f"{HEADER} is one value of 1 to 255 visible ASCII characters")
    return value


def fingerprint_of(request: web.Request, body: bytes) -> str:
    """What makes two requests the same request."""
    head = f"{request.method}\0{request.raw_path}\0".encode("utf-8", "surrogateescape")
    return hashlib.sha256(head + body).hexdigest()


async def once(
    store: IdempotencyStore, key: str, fingerprint: str, carry_out: Callable[[], Awaitable[web.Response]]
) -> web.Response:
    """Carry out at most once per key. Raises Conflict, Invalid, and whatever carrying out raises."""
    owner = secrets.token_hex(16)
    state = await store.claim(key, fingerprint, owner)
    if isinstance(state, Claimed):
        return await _carried_out(store, key, owner, carry_out)
    if state.fingerprint != fingerprint:
        raise Invalid(f"{HEADER} was used with another request before")
    if isinstance(state, InProgress):
        raise Conflict("the first request with this key is still under way", retry_after=1)
    return _unpacked(state.answer)


async def _carried_out(
    store: IdempotencyStore, key: str, owner: str, carry_out: Callable[[], Awaitable[web.Response]]
) -> web.Response:
    renewing = asyncio.create_task(_renew(store, key, owner))
    try:
        response = await carry_out()
    except BaseException:
        with suppress(Temporary):  # a claim that cannot be released now is free after CLAIM_SECONDS
            await store.release(key, owner)
        raise
    finally:
        renewing.cancel()
    await store.keep(key, owner, packed(response))
    return response


async def _renew(store: IdempotencyStore, key: str, owner: str) -> None:
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        with suppress(Temporary):
            await store.renew(key, owner)


def packed(response: web.Response) -> bytes:
    """An answer as it is kept."""
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    body = response.body if isinstance(response.body, bytes) else b""
    return json.dumps({"status": response.status, "headers": headers, "body": b64encode(body).decode()}).encode()


def _unpacked(answer: bytes) -> web.Response:
    kept = json.loads(answer)
    return web.Response(
        status=kept["status"], body=b64decode(kept["body"]), headers={**kept["headers"], REPLAYED: "true"}
    )
