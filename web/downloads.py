"""Bytes that strangers sent, handed out so that no browser can run them.

They leave as a download under their own name, with a media type that is not guessed at, inside a sandbox without
scripts, forms or origin. A blob goes out in parts, so that many readers of large files cost little memory; a reader who
takes nothing for `PATIENCE` seconds, or takes it more slowly than is asked of them, is cut off. Whoever asks for one
range of bytes gets it, as players of films do (RFC 9110 section 14); several ranges are answered with the whole.
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
SLOWEST = 8 * 1024
"""Bytes a second, over the whole of a download."""
OCTETS = "application/octet-stream"

_GUARDS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    hdrs.CACHE_CONTROL: "private, no-store",
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,120}\Z", re.ASCII)

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


async def download_blob(
    request: web.Request, blobs: Files, sha: str, name: str, media_type: str = OCTETS, *, slowest: float = SLOWEST
) -> web.StreamResponse:
    """The answer with the bytes of a blob, or none of them to HEAD. Raises Unreadable when it is missing.

    Whoever takes fewer than `slowest` bytes a second over the whole of it is cut off.
    """
    file = await blobs.open(sha)
    try:
        size = os.fstat(file.fileno()).st_size
        response, begin = _begun(request, size)
        kind = media_type if _TYPE.match(media_type) else OCTETS
        response.headers.update({hdrs.CONTENT_TYPE: kind, hdrs.ACCEPT_RANGES: "bytes", **download_headers(name)})
        await response.prepare(request)
        if request.method != hdrs.METH_HEAD:
            await blobs.in_thread(file.seek, begin)
            async with asyncio.timeout(PATIENCE + (response.content_length or 0) / slowest):
                await _send(response, blobs, file)
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    finally:
        await blobs.in_thread(file.close)
    return response


def _begun(request: web.Request, size: int) -> tuple[web.StreamResponse, int]:
    """The answer with status and length, and the first byte that goes out."""
    response, begin, end = web.StreamResponse(), 0, size
    if (part := _asked(request, size)) is not None:
        begin, end = part
        response.set_status(206 if begin < end else 416)
        told = f"{begin}-{end - 1}" if begin < end else "*"
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {told}/{size}"
    response.content_length = end - begin
    return response, begin


def _asked(request: web.Request, size: int) -> tuple[int, int] | None:
    """The one range that is asked for, empty where nothing is in it; None for the whole."""
    if hdrs.RANGE not in request.headers or hdrs.IF_RANGE in request.headers:
        return None
    try:
        asked = request.http_range
    except ValueError:
        return None
    begin, end, _ = asked.indices(size)
    return (begin, end) if begin < end else (0, 0)


async def _send(response: web.StreamResponse, blobs: Files, file: BinaryIO) -> None:
    left = response.content_length or 0
    while left > 0 and (part := await blobs.in_thread(file.read, min(PART, left))):
        left -= len(part)
        async with asyncio.timeout(PATIENCE):
            await response.write(part)
    await response.write_eof()
