"""Addresses of pages in a text, so that they can be followed: `https://…` and `http://…`, and nothing else; and what an
agent marked as bold, italic or code.

What is before, between and behind them stays text; the template escapes both. A full stop or a bracket behind an
address is not a part of it.
"""

import re
from dataclasses import dataclass, replace

from ...normalizer.formatted_text import Run, runs_of

_URL = re.compile(r"\bhttps?://[^\s<>\"'`|\\^{}]{3,2000}", re.IGNORECASE)
_BEHIND = ".,;:!?…"
_BRACKETS = {")": "(", "]": "["}


@dataclass(frozen=True, kw_only=True)
class LinkedText:
    """Some text; with the address that it is, if it is one."""

    text: str
    url: str = ""
    mark: str = ""  # b, i or code


def linked_text(text: str, *, formatted: bool = False) -> list[LinkedText]:
    """The text in parts, which joined are the text again, but for its marks."""
    if formatted:
        return [each for run in runs_of(text) for each in _run(run)]
    return _linked(text)


def _run(run: Run) -> list[LinkedText]:
    mark = "code" if run.code else "b" if run.bold else "i" if run.italic else ""
    parts = [LinkedText(text=run.text, url=run.url)] if run.url or run.code else _linked(run.text)
    return [replace(each, mark=mark) for each in parts]


def _linked(text: str) -> list[LinkedText]:
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
