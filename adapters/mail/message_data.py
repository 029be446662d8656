"""The bytes between DATA and the final dot.

They are read in pieces as they come, counted before any line ends, and bounded three ways: by the size of one mail, by
the bytes of all mails being received (`InFlight`), and by what is read of an over-size mail so that its sender can hear
552 instead of a broken connection. Only CR LF . CR LF ends a mail, and a bare CR or LF refuses it, because two servers
that disagree on where a mail ends can be made to see a second one in it (SMTP smuggling, CVE-2023-51764 and others).
"""

import asyncio
from dataclasses import dataclass

_END = b"\r\n.\r\n"
_DRAINED = 4  # an over-size mail is read up to this many times the limit, then the connection is cut


@dataclass(frozen=True, slots=True)
class Refusal:
    """A mail that is not taken: the answer to its sender."""

    answer: str
    hang_up: bool = False


TOO_LARGE = Refusal("552 5.3.4 Message size exceeds the limit")
ENDLESS = Refusal("552 5.3.4 Message size exceeds the limit", hang_up=True)
BARE_LINE_END = Refusal("554 5.6.0 Message contains a bare CR or LF; lines must end in CR LF", hang_up=True)
NO_ROOM = Refusal("452 4.3.1 Too much mail at once, please try again later")


class InFlight:
    """Counts the bytes of all mails being received."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.used = 0

    def take(self, size: int) -> bool:
        """Room for so many more bytes, if there is."""
        if self.used + size > self._limit:
            return False
        self.used += size
        return True

    def give_back(self, size: int) -> None:
        """They are no longer held."""
        self.used -= size


async def read_data(reader: asyncio.StreamReader, limit: int, in_flight: InFlight) -> bytes | Refusal:
    """The mail as it was sent, without the dots that SMTP added, or why it is not taken.

    The bytes stay counted in `in_flight` when a mail is returned; the caller gives them back. Raises
    asyncio.IncompleteReadError when the sender goes away before the end.
    """
    # The line end of DATA itself may begin the end of an empty mail.
    reader._buffer[:0] = b"\r\n"  # type: ignore[attr-defined]
    pieces: list[bytes] = []
    held = total = 0
    refusal: Refusal | None = None
    taken = False
    try:
        ended = False
        while not ended:
            piece, ended = await _next_piece(reader)
            total += len(piece)
            if refusal is None:
                refusal = _room(len(piece), total, limit, in_flight)
                if refusal is None:
                    held += len(piece)
                    pieces.append(piece)
                else:
                    pieces.clear()
                    in_flight.give_back(held)
                    held = 0
            elif total > _DRAINED * limit:
                return ENDLESS
        content = b"" if refusal else _without_dots(b"".join(pieces))
        if refusal is None and _has_bare_line_end(content):
            refusal = BARE_LINE_END
        taken = refusal is None
        if taken:
            in_flight.give_back(held - len(content))
        return content if refusal is None else refusal
    finally:
        if not taken:
            in_flight.give_back(held)


async def _next_piece(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    """What has come so far, and whether the mail ends with it; never more than one reading of the socket."""
    try:
        return await reader.readuntil(_END), True
    except asyncio.LimitOverrunError as overrun:
        return await reader.readexactly(overrun.consumed), False


def _room(size: int, total: int, limit: int, in_flight: InFlight) -> Refusal | None:
    if total > limit + len(_END):
        return TOO_LARGE
    return None if in_flight.take(size) else NO_ROOM


def _without_dots(framed: bytes) -> bytes:
    """RFC 5321 section 4.5.2: a dot at the beginning of a line was added, unless it ends the mail."""
    return framed.removesuffix(b".\r\n").replace(b"\r\n.", b"\r\n")[2:]


def _has_bare_line_end(content: bytes) -> bool:
    pairs = content.count(b"\r\n")
    return content.count(b"\n") != pairs or content.count(b"\r") != pairs
