"""Bytes that strangers sent, handed out so that no browser can run them.

They leave as a download under their own name, with a media type that is not guessed at, inside a sandbox without
scripts, forms or origin. A blob goes out in parts, so that many readers of large files cost little memory; a reader who
takes nothing for `PATIENCE` seconds is cut off.
"""

import asyncio
import os
import re
from collections.abc import Callable, Mapping
from typing import BinaryIO, Protocol, TypeVar
from urllib.parse import quote

from aiohttp import hdrs, web

PATIENCE = 30.0
PART = 256 * 1024
OCTETS = "application/octet-stream"

_GUARDS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    hdrs.CACHE_CONTROL: "private, no-store",
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")

Result = TypeVar("Result")


class Files(Protocol):
    """Where the bytes lie."""

    async def open(self, sha: str) -> BinaryIO:
        """For reading in parts. Raises Unreadable when it is missing."""

    async def in_thread(self, work: Callable[..., Result], *args: object) -> Result:
        """Do file work without holding up the event loop."""


def download_headers(name: str) -> dict[str, str]:
    """The headers of a download under this name (RFC 6266 section 4, RFC 8187 section 3.2)."""
    plain = _UNSAFE.sub("_", name)[:150] or "file"
    encoded = quote(name.encode("utf-8", "replace"), safe="")
    return {**_GUARDS, hdrs.CONTENT_DISPOSITION: f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"}


def download(content: bytes, name: str, media_type: str = OCTETS) -> web.Response:
    """The answer with bytes at hand."""
    return web.Response(body=content, content_type=media_type, headers=download_headers(name))


async def download_blob(request: web.Request, blobs: Files, sha: str, name: str) -> web.StreamResponse:
    """The answer with the bytes of a blob. Raises Unreadable when it is missing."""
    file = await blobs.open(sha)
    try:
        response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: OCTETS, **download_headers(name)})
        response.content_length = os.fstat(file.fileno()).st_size
        await response.prepare(request)
        await _send(response, blobs, file)
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    finally:
        await blobs.in_thread(file.close)
    return response


async def _send(response: web.StreamResponse, blobs: Files, file: BinaryIO) -> None:
    while part := await blobs.in_thread(file.read, PART):
        async with asyncio.timeout(PATIENCE):
            await response.write(part)
    await response.write_eof()
