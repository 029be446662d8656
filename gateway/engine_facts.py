"""What this process knows of the engine, for the live board."""

from ..desk.board.state import EngineFacts
from ..queue.clock import Clock
from ..queue.fullness import Fullness
from .intake_gate import IntakeGate


def engine_facts(clock: Clock, fullness: Fullness, gate: IntakeGate) -> EngineFacts:
    """How full it is, and whether messages are taken in; measured once a second."""
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
