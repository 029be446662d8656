"""What this process knows of the engine, for the live board."""

from typing import TYPE_CHECKING

from ..desk.board.state import EngineFacts

if TYPE_CHECKING:
    from .assembly import Assembly


def engine_facts(assembly: "Assembly") -> EngineFacts:
    """How full it is, and whether messages are taken in; measured once a second."""
    level = assembly.fullness.level
    return EngineFacts(
        memory=level.memory,
        disk=level.disk,
        backlog=level.backlog,
        closed=assembly.gate.reason,
        filling=assembly.fullness.warning,
        clock=assembly.clock.trouble,
        strange=bool(assembly.gate.stranger),
    )
