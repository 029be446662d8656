"""What would help a queue most, in a sentence. Pure.

Whoever is away or offline can come back; whoever is busy is there and takes no offers, so they are asked for something
else, and after the others.
"""

from collections.abc import Iterator, Sequence

from .state import AgentRow, Board, QueueRow

ABSENT = ("away", "offline")  # in the order in which they are asked to come back


def advice(queue: QueueRow, board: Board) -> str:
    """What somebody could do about the queue."""
    serving = [agent for agent in board.agents if queue.name in agent.queues]
    if not queue.configured:
        return f"{queue.name} is not in the configuration any more: move its tickets to another queue."
    if not serving:
        return f"Nobody serves {queue.name}: give an agent the queue in the configuration."
    return _under_way(queue) or _more_room(queue, serving)


def _under_way(queue: QueueRow) -> str:
    if not queue.waiting:
        return "They have agents and no first answer yet: help those who have most, below."
    if not queue.unoffered:
        return f"What waits in {queue.name} is offered to agents: ask them to accept, below."
    if queue.available:
        return f"{counted(queue.available, 'agent')} with room in {queue.name}; offers are on their way."
    return ""


def _more_room(queue: QueueRow, serving: Sequence[AgentRow]) -> str:
    if asks := ", or ".join(_asks(serving)):
        return f"No agent of {queue.name} has room. Ask {asks}."
    return f"Everybody in {queue.name} is full: {_names(serving)}. Let somebody help out."


def _asks(serving: Sequence[AgentRow]) -> Iterator[str]:
    spare = [agent for agent in serving if agent.spare]
    if absent := [agent for presence in ABSENT for agent in spare if agent.presence == presence]:
        yield f"{_names(absent)} to come back"
    if busy := [agent for agent in spare if agent.presence == "busy"]:
        yield f"{_names(busy)} to take offers again"


def on_duty(queue: QueueRow, board: Board) -> bool:
    """Whether somebody who serves the queue is available, with room or without."""
    return any(queue.name in agent.queues and agent.presence == "available" for agent in board.agents)


def counted(number: int, one: str, many: str = "") -> str:
    """So many of them in words: `1 ticket`, `2 tickets`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _names(agents: Sequence[AgentRow]) -> str:
    named = [agent.name if agent.presence == "available" else f"{agent.name} ({agent.presence})" for agent in agents]
    return ", ".join(named[:3]) + (f" or {len(named) - 3} more" if len(named) > 3 else "")
