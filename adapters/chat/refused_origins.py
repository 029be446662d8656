"""Pages of other origins that ask for a chat: the operator hears which, and which setting would let them.

Every origin is logged once in ten minutes, and a few dozen of them at most, since whoever asks can name what they like.
"""

import time
from collections.abc import Callable

import structlog

log = structlog.get_logger()

AGAIN_SECONDS = 600.0
MOST = 30
LONGEST = 200

_ADD = "if the page is yours, add its origin to this setting and restart"
_NO_ORIGIN = "a page opened as a file, or in a sandboxed frame, has no origin; serve it over HTTP"


class RefusedOrigins:
    """Those of one site; `setting` is its allow-list by name."""

    def __init__(self, setting: str, now: Callable[[], float] = time.monotonic) -> None:
        self._setting = setting
        self._now = now
        self._logged: set[str] = set()
        self._since = now()

    def seen(self, origin: str) -> None:
        """One of them has asked."""
        if self._now() - self._since >= AGAIN_SECONDS:
            self._since = self._now()
            self._logged.clear()
        origin = origin[:LONGEST]
        if origin in self._logged or len(self._logged) >= MOST:
            return
        self._logged.add(origin)
        log.warning(
            "a page of another origin asks for the chat and is refused",
            action="chat_origin_refused",
            origin=origin,
            setting=self._setting,
            remedy=_NO_ORIGIN if origin == "null" else _ADD,
        )
