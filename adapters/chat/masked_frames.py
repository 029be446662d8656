"""A WebSocket that takes masked frames only: "a server MUST close the connection upon receiving a frame that is not
masked", with 1002 (RFC 6455 section 5.1). aiohttp reads both kinds, so the bytes pass by here before they reach it.
"""

from typing import Any

from aiohttp import web
from aiohttp._websocket.models import WebSocketError

PROTOCOL_ERROR = 1002
_MASKED, _LENGTH = 0x80, 0x7F
_LONGER = {126: 2, 127: 8}  # bytes of the length behind the second byte
_KEY = 4


class MaskedFrames:
    """Stands in front of aiohttp's reader of frames, and knows of them no more than where each begins."""

    def __init__(self, reader: Any, queue: Any) -> None:
        self._reader = reader
        self._queue = queue
        self._head = bytearray()
        self._payload = 0

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Hand on what was received; True ends the connection."""
        if self._all_masked(data):
            end, rest = self._reader.feed_data(data)
            return bool(end), bytes(rest)
        self._queue.set_exception(WebSocketError(PROTOCOL_ERROR, "frames of a client are masked"))
        return True, b""

    def feed_eof(self) -> None:
        """Nothing more comes."""
        self._reader.feed_eof()

    def _all_masked(self, data: bytes) -> bool:
        at = 0
        while at < len(data):
            if self._payload:
                step = min(self._payload, len(data) - at)
                self._payload, at = self._payload - step, at + step
                continue
            self._head.append(data[at])
            at += 1
            if len(self._head) >= 2 and not self._take_head():
                return False
        return True

    def _take_head(self) -> bool:
        """False for a frame that is not masked; a head that is complete gives way to its payload."""
        head = self._head
        if not head[1] & _MASKED:
            return False
        longer = _LONGER.get(head[1] & _LENGTH, 0)
        if len(head) == 2 + longer + _KEY:
            self._payload = int.from_bytes(head[2 : 2 + longer]) if longer else head[1] & _LENGTH
            head.clear()
        return True


class MaskedSocket(web.WebSocketResponse):
    """A WebSocket as aiohttp serves it, for masked frames only."""

    def _post_start(self, request: Any, protocol: str | None, writer: Any) -> None:
        super()._post_start(_Between(request, self), protocol, writer)  # type: ignore[arg-type]

    def masked(self, reader: Any) -> MaskedFrames:
        """What stands in front of the reader that aiohttp has just made."""
        return MaskedFrames(reader, self._reader)


class _Between:
    """The request as `_post_start` uses it: the reader of frames is set only once, and bytes may wait for it."""

    def __init__(self, request: Any, socket: MaskedSocket) -> None:
        self._protocol = request._protocol
        self._socket = socket
        self.protocol = self
        self.keep_alive = self._protocol.keep_alive

    def set_parser(self, reader: Any, data_received_cb: Any = None) -> None:
        self._protocol.set_parser(self._socket.masked(reader), data_received_cb=data_received_cb)
