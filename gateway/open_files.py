"""How many files this process may have open, and how many of them are for connections.

Each connection is an open file. A cap that the configuration promises and the system does not give would end in
connections that nobody answers, and in an engine and blobs that cannot be opened any more. So the limit is raised as
far as the system lets us, `RESERVE` files are kept back (the engine with a connection for each stream of events, blobs,
processes that read mails, the log, connections that are about to be turned away), and caps beyond the rest are fitted
to it, which the log says with the remedy.
"""

import math
import resource
from contextlib import suppress

import structlog

log = structlog.get_logger()

RESERVE = 512
_FALLBACKS = (65_536, 10_240)  # where a system names more than it gives

WEB_SHARE = 0.75
CHANNEL_SHARE = 0.25
"""The parts of what is left: the web service, with sockets of chats and streams; a channel that listens by itself."""


def take_all_files() -> None:
    """Raise the limit as far as the system lets us; programs that we start inherit it."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (most, *_FALLBACKS):
        if soft == resource.RLIM_INFINITY or (wanted != resource.RLIM_INFINITY and wanted <= soft):
            return
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
            return


class OpenFiles:
    """Fits caps on connections to a limit on open files; left out, that of this process at the moment of asking."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit

    def fit(self, asked: int, setting: str, share: float = CHANNEL_SHARE) -> int:
        """As many of the connections that a setting asks for as there are files for."""
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if self._limit is None else self._limit
        if limit == resource.RLIM_INFINITY:
            return asked
        reserve = min(RESERVE, limit // 2)
        fitted = min(asked, max(1, int((limit - reserve) * share)))
        if fitted < asked:
            enough = math.ceil(asked / share) + RESERVE
            log.warning(
                "there are not enough open files for as many connections as the configuration promises",
                action="connections_fitted",
                setting=setting,
                asked=asked,
                fitted=fitted,
                files=limit,
                remedy=f"allow {enough} files: ulimit -n {enough}, or LimitNOFILE={enough} for systemd, "
                "or nofile for a container; or ask for fewer",
            )
        return fitted
