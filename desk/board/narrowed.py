"""What was seen of the desk, narrowed to some queues: for those who do not see all of them. Pure.

Counts are those of these queues, and agents those who serve one of them. Numbers of tickets stand only beside agents
who serve no other queue. What is not of queues (channels, dead letters, the engine) is the same for everybody.
"""

from collections.abc import Set as AbstractSet

from ...config.settings import Settings
from .snapshot import SeenAgent, Snapshot


def narrowed(seen: Snapshot, settings: Settings, queues: AbstractSet[str]) -> Snapshot:
    """The snapshot of these queues."""
    kept = tuple(queue for queue in seen.queues if queue.name in queues)
    agents = tuple(
        _without_others(agent, settings, queues) for agent in seen.agents if queues & _served(agent, settings)
    )
    counts = {
        "waiting": sum(queue.waiting for queue in kept),
        "wanted": sum(queue.wanted for queue in kept),
        "undelivered": sum(queue.undelivered for queue in kept),
        "orphans": 0,
    }
    return seen.model_copy(update={"queues": kept, "agents": agents, **counts})


def _served(agent: SeenAgent, settings: Settings) -> AbstractSet[str]:
    return frozenset(settings.agents[agent.id].queues)


def _without_others(agent: SeenAgent, settings: Settings, queues: AbstractSet[str]) -> SeenAgent:
    if _served(agent, settings) <= queues:
        return agent
    return agent.model_copy(update={"open_tickets": (), "offered": ()})
