"""The bytes between DATA and the final dot.

They are read in pieces as they come, counted before any line ends, and bounded three ways: by the size of one mail, by
the bytes of all mails being received (`Room`), and by what is read of an over-size mail so that its sender can hear
552 instead of a broken connection. Only CR LF . CR LF ends a mail, and a bare CR or LF refuses it, because two servers
that disagree on where a mail ends can be made to see a second one in it (SMTP smuggling, CVE-2023-51764 and others).
"""

import asyncio
from dataclasses import dataclass

from ...web.peers import limited_as
from ...web.places import Places

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


class Room:
    """The bytes of one peer's mails, among those of all that are being received."""

    def __init__(self, places: Places, peer: str, *, trusted: bool) -> None:
        self._places = places
        self._holder = limited_as(peer)
        self._trusted = trusted

    def take(self, size: int) -> bool:
        """Room for so many more bytes, if there is."""
        return self._places.take(self._holder, size, favoured=self._trusted)

    def give_back(self, size: int) -> None:
        """They are no longer held."""
        self._places.give_back(self._holder, size)


async def read_data(reader: asyncio.StreamReader, limit: int, room: Room) -> bytes | Refusal:
    """The mail as it was sent, without the dots that SMTP added, or why it is not taken.

    The bytes stay counted in `room` when a mail is returned; the caller gives them back. Raises
    asyncio.IncompleteReadError when the sender goes away before the end.
    """
    # The line end of DATA itself may begin the end of an empty mail.
    reader._buffer[:0] = b"\r\n"  # type: ignore[attr-defined]
    mail = _Collected(limit, room)
    try:
        ended = False
        while not ended:
            piece, ended = await _next_piece(reader)
            mail.add(piece)
            if mail.total > _DRAINED * limit:
                return ENDLESS
        return mail.refusal or mail.content()
    finally:
        mail.drop()


class _Collected:
    """The pieces of one mail; nothing more is kept of it once it is refused."""

    def __init__(self, limit: int, room: Room) -> None:
        self.total = 0
        self.refusal: Refusal | None = None
        self._limit = limit
        self._room = room
        self._held = 0
        self._pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        self.total += len(piece)
        if self.refusal is not None:
            return
        if self.total > self._limit + len(_END):
            self.refusal = TOO_LARGE
        elif not self._room.take(len(piece)):
            self.refusal = NO_ROOM
        else:
            self._held += len(piece)
            self._pieces.append(piece)
            return
        self.drop()

    def content(self) -> bytes | Refusal:
        """The whole mail; its bytes stay counted, and are the caller's to give back."""
        content = _without_dots(b"".join(self._pieces))
        if _has_bare_line_end(content):
            return BARE_LINE_END
        self._held -= len(content)
        return content

    def drop(self) -> None:
        """Forget the pieces."""
        self._pieces.clear()
        self._room.give_back(self._held)
        self._held = 0


async def _next_piece(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    """What has come so far, and whether the mail ends with it; never more than one reading of the socket."""
    try:
        return await reader.readuntil(_END), True
    except asyncio.LimitOverrunError as overrun:
        return await reader.readexactly(overrun.consumed), False


def _without_dots(framed: bytes) -> bytes:
    """RFC 5321 section 4.5.2: a dot at the beginning of a line was added, unless it ends the mail."""
    return framed.removesuffix(b".\r\n").replace(b"\r\n.", b"\r\n")[2:]


def _has_bare_line_end(content: bytes) -> bool:
    pairs = content.count(b"\r\n")
    return content.count(b"\n") != pairs or content.count(b"\r") != pairs
