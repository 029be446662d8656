"""The gate before intake: there must be room, and the right engine, one that keeps what it acknowledges."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..config.errors import EngineUnavailable, StrangeEngine
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.fullness import Fullness
from ..queue.safety import Danger

if TYPE_CHECKING:
    from ..desk.board.state import EngineFacts


class IntakeGate:
    """Asked before every intake; safety.py reports to it every 30 s."""

    def __init__(self, engine: Engine, fullness: Fullness) -> None:
        self._engine = engine
        self.fullness = fullness
        self.dangers: Sequence[Danger] = ()

    def report(self, dangers: Sequence[Danger]) -> None:
        """What makes the engine refused at present; nothing: it is safe."""
        self.dangers = dangers

    @property
    def stranger(self) -> str:
        """Why the engine is not the one of the data folder; empty while it is."""
        return self._engine.stranger

    def check(self) -> None:
        """Raises EngineUnavailable while the engine is unsafe or a stranger, EngineFull while there is no room."""
        if self.stranger:
            raise StrangeEngine(self.stranger)
        if self.dangers:
            raise EngineUnavailable("the engine is unsafe: " + "; ".join(map(str, self.dangers)))
        self.fullness.check()

    @property
    def reason(self) -> str:
        """Why intake is refused; empty while it is not."""
        full = "" if self.fullness.is_open else self.fullness.reason
        return "; ".join(filter(None, [self.stranger, *map(str, self.dangers), full]))


def engine_facts(clock: Clock, gate: IntakeGate) -> "EngineFacts":
    """What this process knows of the engine, for the live board; measured once a second."""
    from ..desk.board.state import EngineFacts

    fullness = gate.fullness
    level = fullness.level
    return EngineFacts(
        memory=level.memory,
        disk=level.disk,
        backlog=level.backlog,
        closed=gate.reason,
        filling=fullness.warning,
        clock=clock.trouble,
        strange=bool(gate.stranger),
    )
