"""Addresses of pages in a text, so that they can be followed: `https://…` and `http://…`, and nothing else.

What is before, between and behind them stays text; the template escapes both. A full stop or a bracket behind an
address is not a part of it.
"""

import re
from dataclasses import dataclass

_URL = re.compile(r"\bhttps?://[^\s<>\"'`|\\^{}]{3,2000}", re.IGNORECASE)
_BEHIND = ".,;:!?…"
_BRACKETS = {")": "(", "]": "["}


@dataclass(frozen=True, kw_only=True)
class LinkedText:
    """Some text; with the address that it is, if it is one."""

    text: str
    url: str = ""


def linked_text(text: str) -> list[LinkedText]:
    """The text in parts, which joined are the text again."""
    found, at = list[LinkedText](), 0
    for match in _URL.finditer(text):
        url = _trimmed(match[0])
        if match.start() > at:
            found.append(LinkedText(text=text[at : match.start()]))
        found.append(LinkedText(text=url, url=url))
        at = match.start() + len(url)
    if at < len(text):
        found.append(LinkedText(text=text[at:]))
    return found


def _trimmed(url: str) -> str:
    while url[-1] in _BEHIND or (url[-1] in _BRACKETS and url.count(url[-1]) > url.count(_BRACKETS[url[-1]])):
        url = url[:-1]
    return url
