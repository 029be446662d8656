"""Changes that name the revision they are based on (RFC 9110 section 13.1.1, RFC 6585 section 3).

A record's entity tag is its revision in quotes. A change carries it in If-Match: without one 428, with another 412.
`*` means whatever is there. Weak tags never match, because If-Match compares strongly.
"""

import re

from aiohttp import hdrs, web

from ..config.errors import PreconditionFailed, PreconditionRequired, Refused

# What the published document promises and what is read here are the same pattern.
IF_MATCH_PATTERN = r'^(\*|"[0-9]{1,15}")$'

_TAG = re.compile(r'(W/)?"([0-9]{1,15})"\Z')


def entity_tag(revision: int) -> str:
    """The ETag of a record at this revision."""
    return f'"{revision}"'


def expected_revision(request: web.Request) -> int | None:
    """The revision the caller has seen; None for `*`. Raises PreconditionRequired, PreconditionFailed, Refused."""
    given = request.headers.getall(hdrs.IF_MATCH, [])
    if not given:
        raise PreconditionRequired('send If-Match with the revision that you have seen, like "17"')
    if given == ["*"]:
        return None
    match = _TAG.match(given[0]) if len(given) == 1 else None
    if match is None:
        raise Refused('If-Match takes one revision in quotes, like "17", or *')
    if match[1]:
        raise PreconditionFailed("a weak entity tag never matches")
    return int(match[2])


def demand_revision(expected: int | None, current: int) -> None:
    """Refuse when the record has moved on. Raises PreconditionFailed naming where it is now."""
    if expected is not None and expected != current:
        raise PreconditionFailed(f"the record is at revision {current}, not {expected}", revision=current)
