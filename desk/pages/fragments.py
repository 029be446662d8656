"""Parts of pages that a script asks for again and again: answered with 304 when nothing in them has changed.

The mark (ETag, RFC 9110 section 8.8.3) is drawn from the facts that a part is made of (views/fact_marks.py) before it
is made, so that a 304 costs no template. A template is given these facts, the time, and `links`, which make addresses
of facts; it finds nothing else, because a name that is not given is an error. What time alone changes (words of
moments, clocks, the expiry of links) the page keeps fresh by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import ETag, web

from ..views.fact_marks import mark_of
from .shell import Shell, session_of

Links = Mapping[str, Callable[..., str]]


@dataclass(frozen=True, kw_only=True)
class Asker:
    """What of a session stands in a part of a page."""

    agent: str | None


def fragment(
    request: web.Request, shell: Shell, template: str, *, links: Links | None = None, **facts: Any
) -> web.Response:
    """The part made of these facts, or 304 when the asker has it."""
    session = session_of(request)
    facts = {"session": Asker(agent=session.agent), "csrf": session.csrf, **facts}
    mark = mark_of(shell.version, template, facts)
    if any(etag.value == mark for etag in request.if_none_match or ()):
        answer = web.Response(status=304)
    else:
        text = shell.fragment(template, now=shell.parts.clock.now(), **facts, **(links or {}))
        answer = web.Response(text=text, content_type="text/html", charset="utf-8")
    answer.etag = ETag(mark)
    return answer
