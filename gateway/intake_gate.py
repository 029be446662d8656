"""The gate before intake: there must be room, and an engine that keeps what it acknowledges."""

from collections.abc import Sequence

from ..config.errors import EngineUnavailable
from ..queue.fullness import Fullness
from ..queue.safety import Danger


class IntakeGate:
    """Asked before every intake; safety.py reports to it every 30 s."""

    def __init__(self, fullness: Fullness) -> None:
        self.fullness = fullness
        self.dangers: Sequence[Danger] = ()

    def report(self, dangers: Sequence[Danger]) -> None:
        """What makes the engine refused at present; nothing: it is safe."""
        self.dangers = dangers

    def check(self) -> None:
        """Raises EngineUnavailable while the engine is unsafe, EngineFull while there is no room."""
        if self.dangers:
            raise EngineUnavailable("the engine is unsafe: " + "; ".join(map(str, self.dangers)))
        self.fullness.check()

    @property
    def reason(self) -> str:
        """Why intake is refused; empty while it is not."""
        return "; ".join([*map(str, self.dangers), *([] if self.fullness.is_open else [self.fullness.reason])])
