"""How fast bytes must come from somebody who sends us a body, whatever the protocol.

Silence is borne for a grace time; in the long run `BYTES_PER_SECOND` must come, which the slowest of lines gives, and
what came faster before is not saved up: who sends nearly everything at once and then drips is cut off as soon as one
who only drips. (Apache's mod_reqtimeout works alike, with 20 seconds and 500 bytes a second.)
"""

GRACE_SECONDS = 15.0
BYTES_PER_SECOND = 1000.0


class Pace:
    """Tells until when the next bytes must be here; times are seconds of the caller's clock."""

    def __init__(self, now: float, grace: float) -> None:
        self.due = now + grace

    def came(self, size: int, now: float, grace: float) -> float:
        """So many bytes have come; when the next ones are due."""
        self.due = min(self.due + size / BYTES_PER_SECOND, now + grace)
        return self.due
