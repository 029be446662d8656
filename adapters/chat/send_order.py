"""The order of what a visitor sends without waiting for answers: nothing overtakes a message that was refused for now.

The messages that came behind it over the same connection are refused as well, until it comes again or the time is over
after which its client was asked to send it again.
"""

from .frame_errors import FrameRefused
from .sites import Milliseconds


class SendOrder:
    """Whose turn it is in one connection."""

    def __init__(self, now: Milliseconds) -> None:
        self._now = now
        self._first = ""
        self._until = 0

    def demand(self, id_: str) -> None:
        """Raises FrameRefused while another message has to come first."""
        if id_ == self._first:
            self._first = ""
        elif self._waits:
            seconds = (self._until - self._now()) // 1000 + 1
            raise FrameRefused("busy", "an earlier message has to come first", retry_after=seconds)

    def refused(self, id_: str, seconds: int) -> None:
        """This message is to come again after so many seconds; those behind it wait."""
        if not self._waits:
            self._first, self._until = id_, self._now() + seconds * 1000

    @property
    def _waits(self) -> bool:
        return self._first != "" and self._now() < self._until
