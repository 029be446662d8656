"""Lines among headers that are no headers: do the headers go on behind them?

Filters put lines before a mail, mailboxes put `From ` there, and programs lose the indentation of a folded header, so
that it goes on over several lines that are none. Headers go on when plain ones follow soon; a line of prose, or an
empty one, ends them.
"""

import re
from collections.abc import Sequence

_KNOWN = re.compile(
    rb"(?:from|to|cc|subject|date|sender|reply-to|return-path|received|message-id|in-reply-to|references|list-[a-z-]{2,30}|"
    rb"mime-version|content-[a-z-]{2,40}|delivered-to|dkim-signature|x-[a-z0-9-]{2,60}|authentication-results)[ \t]*:",
    re.IGNORECASE,
)
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:")
_PARAMETER = re.compile(rb"[a-z][a-z-]{0,20}\*?\d?\*?[ \t]?=\s?\S", re.IGNORECASE)
_BEFORE = 3  # lines before the headers of a mail
_ENOUGH = 2  # header lines that make it one
_TORN = 20  # lines that one header was torn into
_PROSE = 3  # of them with words


def line_at(raw: bytes, position: int, end: int) -> tuple[bytes, int]:
    """The line without its end, and where the next one begins."""
    found = raw.find(b"\n", position, end)
    following = end if found < 0 else found + 1
    return raw[position:following].rstrip(b"\r\n"), following


def begins_behind(raw: bytes, position: int, end: int) -> bool:
    """Whether the line at this position stands before the headers of the mail."""
    line, following = line_at(raw, position, end)
    if line.startswith((b"From ", b">From ")):
        return True
    if raw.count(b"\n", 0, position) >= _BEFORE:
        return False
    known = 0
    for _ in range(_BEFORE + _ENOUGH):
        ahead, following = line_at(raw, following, end)
        known += _KNOWN.match(ahead) is not None
        if known == _ENOUGH or (known and not ahead):
            break
    return known == _ENOUGH


def is_parameter(line: bytes, above: bytes) -> bool:
    """Whether the line is a parameter of the header above it, such as `charset=utf-8`, without its indentation."""
    return above.rstrip().endswith(b";") and _PARAMETER.match(line) is not None


def goes_on_behind(raw: bytes, following: int, end: int, seen: Sequence[tuple[str, object]]) -> bool:
    """Whether headers go on at this position, behind a line that is none, with more of its kind between.

    Behind lines of prose go on only headers that the mail does not have yet, up to the empty line: what looks like
    headers in the text of a mail whose empty line is missing is mostly `From:` or `Subject:` once more.
    """
    ahead, following = line_at(raw, following, end)
    if _HEADER.match(ahead) is not None:
        return True
    prose = 0
    for _ in range(_TORN):
        prose += b" " in ahead and ahead[:1] not in b" \t"
        if not ahead or prose > _PROSE:
            return False
        ahead, following = line_at(raw, following, end)
        if (match := _KNOWN.match(ahead)) is not None:
            name = match[0].rstrip(b": \t").lower().decode()
            return not prose or (name not in {each for each, _ in seen} and _ends_in_headers(raw, following, end))
    return False


def _ends_in_headers(raw: bytes, following: int, end: int) -> bool:
    for _ in range(_TORN):
        line, following = line_at(raw, following, end)
        if not line:
            return True
        if line[:1] not in b" \t" and _HEADER.match(line) is None and _PARAMETER.match(line) is None:
            return False
    return True
