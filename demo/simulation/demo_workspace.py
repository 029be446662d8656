"""The workspace that a demo runs in: an empty one, or one that a demo began.

Simulated agents take whatever waits, so among the tickets of real customers they would answer people. A demo that finds
nothing marks the workspace; where there is something and no mark, it refuses. What real customers write later into a
marked workspace is not told apart from the demo's.
"""

from ...config.errors import Misconfigured
from ...queue.connection import Engine
from ...queue.work import WorkQueue
from ...router.suspended import SuspendedMessages
from ...router.ticket_index import TicketIndex


async def enter(engine: Engine) -> None:
    """Mark the workspace, if nothing is in it. Raises Misconfigured when something is there that no demo has made."""
    mark = engine.keys("demo")
    if await engine.call("EXISTS", mark):
        return
    if await _in_use(engine):
        raise Misconfigured(
            f"the workspace {engine.keys.workspace} holds tickets or messages that no demo has made, and "
            "simulated agents would answer them; give the demo a data folder of its own, as with "
            "TRUNKLINE_DATA=demo-data, or with redis.url another TRUNKLINE_WORKSPACE"
        )
    await engine.call("SET", mark, 1)


async def _in_use(engine: Engine) -> bool:
    """Whether there are tickets, or messages that can still become some."""
    taken_in = await WorkQueue(engine, "intake").counts()
    filed = await TicketIndex(engine).count("all") + await SuspendedMessages(engine).count()
    return any(taken_in.values()) or filed > 0
