"""Parts of pages that a script asks for again and again: answered with 304 when nothing in them has changed.

The mark (ETag, RFC 9110 section 8.8.3) is drawn from the part without what changes by the mere passing of time: the
words of its times, how far its clocks have run, and the expiry of its links. The page keeps them fresh by itself.
"""

import hashlib
import re

from aiohttp import ETag, web

_TIMES = re.compile(rb"(<time[^>]*?)(?: title=\"[^\"]*\")?>[^<]*")
_CLOCKS = re.compile(rb"(<span[^>]* data-(?:due|until)=\"[0-9]+\"[^>]*>)[^<]*")
_RUN = re.compile(rb" (?:data-tone|stroke-dashoffset)=\"[^\"]*\"")
_LINKS = re.compile(rb"expires=[0-9]+(&amp;|&)mac=[A-Za-z0-9_-]+")


def fragment(request: web.Request, response: web.Response) -> web.Response:
    """The part, or 304 when the asker has it."""
    assert isinstance(response.body, bytes)
    mark = hashlib.sha256(_timeless(response.body)).hexdigest()[:20]
    known = request.if_none_match or ()
    answer = web.Response(status=304) if any(etag.value == mark for etag in known) else response
    answer.etag = ETag(mark)
    return answer


def _timeless(content: bytes) -> bytes:
    without = _CLOCKS.sub(rb"\1", _TIMES.sub(rb"\1", content))
    return _RUN.sub(b"", _LINKS.sub(b"", without))
