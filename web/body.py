"""Reading a request's body within limits of size, time and encoding.

A body that arrived with its headers is taken without waiting, so the usual small message costs no turn of the loop.
A body over the limit is refused as soon as that is known; one that drips is cut off after `PATIENCE` seconds, with 408,
which tells a sender to try again.
Compressed bodies are refused (RFC 9110 section 15.5.16 allows it): what is signed and what is read are the same bytes.
"""

import asyncio

from aiohttp import StreamReader, hdrs, web

from ..config.errors import Refused, Temporary, TooLarge, UnsupportedMediaType

PATIENCE = 30.0  # seconds for a whole body


class RequestTimeout(Temporary):
    """The body did not arrive in time."""

    fault = "caller"
    status = 408
    code = "request_timeout"
    public = "the body did not arrive in time"


async def read_body(request: web.Request, limit: int) -> bytes:
    """The body, at most `limit` bytes. Raises TooLarge, UnsupportedMediaType, RequestTimeout, Refused."""
    if hdrs.CONTENT_ENCODING in request.headers:
        raise UnsupportedMediaType("compressed bodies are not read here")
    if (request.content_length or 0) > limit:
        raise TooLarge(f"the body is over {limit} bytes")
    try:
        content = request.content
        body = content.read_nowait() if content.is_eof() else await _collected(content, limit)
    except (web.RequestPayloadError, ConnectionError) as error:
        raise Refused("the body breaks off or is not framed as HTTP says") from error
    if len(body) > limit:
        raise TooLarge(f"the body is over {limit} bytes")
    return body


async def _collected(content: StreamReader, limit: int) -> bytes:
    collected = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            while chunk := await content.readany():
                collected += chunk
                if len(collected) > limit:
                    break
    except TimeoutError as error:
        raise RequestTimeout from error
    return bytes(collected)


def demand_media_type(request: web.Request, *accepted: str) -> str:
    """The media type of the body, when it is one of these. Raises UnsupportedMediaType."""
    if hdrs.CONTENT_TYPE not in request.headers or request.content_type not in accepted:
        raise UnsupportedMediaType(f"send {' or '.join(accepted)}")
    return request.content_type
