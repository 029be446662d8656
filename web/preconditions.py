"""Changes that name the revision they are based on (RFC 9110 section 13.1.1, RFC 6585 section 3).

A record's entity tag is its revision in quotes. A change carries it in If-Match: without one 428, with another 412; `*`
means whatever is there. Three spellings are taken: `"17"`, bare `17`, and `W/"17"`. RFC 9110 lets no weak tag match,
because it stands for bytes that may differ; ours stands for the revision of the record, and proxies that compress an
answer weaken its tag on the way (nginx does), so refusing it would only refuse honest callers.
"""

import re

from aiohttp import hdrs, web

from ..config.errors import PreconditionRequired, Refused

IF_MATCH_PATTERN = r'^(\*|(W/)?"[0-9]{1,15}"|[0-9]{1,15})$'

_TAG = re.compile(r'(?:(?:W/)?"([0-9]{1,15})"|([0-9]{1,15}))\Z')


def entity_tag(revision: int) -> str:
    """The ETag of a record at this revision."""
    return f'"{revision}"'


def expected_revision(request: web.Request) -> int | None:
    """The revision that the caller has seen; None for `*`. Raises PreconditionRequired, Refused."""
    given = request.headers.getall(hdrs.IF_MATCH, [])
    if not given:
        raise PreconditionRequired('send If-Match with the revision that you have seen, like "17"')
    if given == ["*"]:
        return None
    match = _TAG.match(given[0]) if len(given) == 1 else None
    if match is None:
        raise Refused('If-Match takes one revision, like "17", or *')
    return int(match[1] or match[2])
