"""Capacities above what an agent works on at the same time, which `trunkline check` warns of (docs/routing.md).

What is above it is bound early: it waits for the agent who has it, although another may be free before.
"""

from collections.abc import Iterator

from ..config.desk_settings import AgentSettings
from ..config.findings import Finding
from ..config.handling_settings import LETTERS, MOST_LIVE
from ..config.settings import Settings
from .channels import configured


def early_binding(settings: Settings) -> Iterator[Finding]:
    """One warning for each channel of which somebody takes more; it stands at the first agent who does."""
    for card, _ in configured(settings):
        live, weight = card.facts.live, settings.weight(card.name)
        most = MOST_LIVE if live else LETTERS
        taken = {id_: _at_once(agent, card.name, live=live, weight=weight) for id_, agent in settings.agents.items()}
        if over := [id_ for id_, count in taken.items() if count > most]:
            message = (
                f"{_names(over)} can have {taken[over[0]]} tickets of {card.name} in hand at once: whoever has more "
            )
            message += f"than {most} keeps customers waiting although a colleague may be free, 1.6 to 2.1 times as long"
            remedy = f"leave `capacity` out, or add `channel_capacity: {{ {card.name}: {most * weight} }}`"
            yield Finding(settings.where("agents", over[0], "capacity"), "warning", message, remedy)


def _at_once(agent: AgentSettings, channel: str, *, live: bool, weight: int) -> int:
    cap = agent.cap(channel, live=live, weight=weight)
    return (agent.capacity if cap is None else min(cap, agent.capacity)) // weight


def _names(agents: list[str]) -> str:
    others = len(agents) - 1
    return agents[0] + (f" and {others} more" if others else "")
