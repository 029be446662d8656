"""Reading a request's body within limits of size, time, room and encoding.

A body that arrived with its headers is taken without waiting, so the usual small message costs no turn of the loop.
A body over the limit is refused as soon as that is known; how many are read at once, and how slowly, says `bodies.py`.
Compressed bodies are refused (RFC 9110 section 15.5.16 allows it): what is signed and what is read are the same bytes.
"""

from aiohttp import hdrs, web

from ..config.errors import Refused, TooLarge, UnsupportedMediaType
from .bodies import BODIES, Bodies


async def read_body(request: web.Request, limit: int, bodies: Bodies | None = None) -> bytes:
    """The body, at most `limit` bytes, which takes room among `bodies`; left out, in the room of the application.

    Raises TooLarge, UnsupportedMediaType, RequestTimeout, Overloaded, Refused.
    """
    if hdrs.CONTENT_ENCODING in request.headers:
        raise UnsupportedMediaType("compressed bodies are not read here")
    if (request.content_length or 0) > limit:
        raise TooLarge(f"the body is over {limit} bytes")
    try:
        body = await (bodies or request.config_dict[BODIES]).read(request, limit)
    except (web.RequestPayloadError, ConnectionError) as error:
        raise Refused("the body breaks off or is not framed as HTTP says") from error
    if len(body) > limit:
        raise TooLarge(f"the body is over {limit} bytes")
    return body


def demand_media_type(request: web.Request, *accepted: str) -> str:
    """The media type of the body, when it is one of these. Raises UnsupportedMediaType."""
    if hdrs.CONTENT_TYPE not in request.headers or request.content_type not in accepted:
        raise UnsupportedMediaType(f"send {' or '.join(accepted)}")
    return request.content_type
