"""Why a connection or a request of a visitor is ended, and the close code by which the widget knows what to do.

    4400  a frame that is none                      a defect of the client: it starts anew, later
    4401  token or identity stale or forged         it forgets them and asks the page again
    4403  the page may not show this site's chat    it stays away
    4404  there is no such site                     it stays away
    4408  no hello in time                          it comes back
    4429  flood; the reason names the seconds       it comes back after them
    4503  our own trouble                           it comes back

Over HTTP the same errors are problem documents.
"""

from collections.abc import Sequence

from ...config.errors import Forbidden, NotFound, Overloaded, Refused, Temporary, TrunklineError, Unauthenticated

MALFORMED, UNPROVEN, FOREIGN, UNKNOWN, SILENT, FLOOD, TROUBLE, RESTART = 4400, 4401, 4403, 4404, 4408, 4429, 4503, 1012

_LONGEST_REASON = 120  # bytes; RFC 6455 section 5.5 leaves 123


class MalformedFrame(Refused):
    """Not a frame of the protocol."""


class Unproven(Unauthenticated):
    """A visitor token or a signed identity that is stale, forged or missing."""

    code = "unproven"


class OutOfTime(Unproven):
    """A signed identity that is not good any more, or not yet."""


class Silent(Refused):
    """No hello in time."""

    status = 408
    code = "no_hello"


def flood(seconds: float, detail: str) -> Overloaded:
    """Somebody asks for too much; they may come back after so many seconds."""
    return Overloaded(detail, retry_after=int(seconds) + 1)


_CODES: Sequence[tuple[type[Refused], int]] = (
    (MalformedFrame, MALFORMED),
    (Unauthenticated, UNPROVEN),
    (Forbidden, FOREIGN),
    (NotFound, UNKNOWN),
    (Silent, SILENT),
)


def close_code(error: Exception) -> tuple[int, bytes]:
    """The close code for an error, and the reason as far as an outsider may hear it."""
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code, _reason(error)
    seconds = error.retry_after if isinstance(error, Temporary) else Temporary.retry_after
    return FLOOD if isinstance(error, Overloaded) else TROUBLE, f"retry after {seconds}".encode()


def _reason(error: TrunklineError) -> bytes:
    return error.public.encode()[:_LONGEST_REASON].decode("utf-8", "ignore").encode()
