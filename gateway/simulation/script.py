"""How the demo is played: how fast, how long, and with which seed."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Script:
    """The frame of a demo; `duration` in seconds, None for without end."""

    speed: float = 1.0
    duration: float | None = None
    seed: int = 1

    def seconds(self, of_life: float) -> float:
        """How long something takes here that takes so many seconds at speed 1."""
        return of_life / self.speed
