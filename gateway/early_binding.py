"""Capacities above what an agent works on at the same time, which `trunkline check` warns of (docs/routing.md).

What is above it is bound early: it waits for the agent who has it, although another may be free before.
"""

from collections.abc import Iterator, Mapping, Sequence

from ..config.desk_settings import AgentSettings
from ..config.findings import Finding
from ..config.handling_settings import LETTERS, MOST_LIVE
from ..config.settings import Settings
from .channels import configured


def early_binding(settings: Settings) -> Iterator[Finding]:
    """One warning for all channels of which the same agents take too many; it stands at the first of these."""
    caps: dict[tuple[tuple[str, ...], int, int], dict[str, int]] = {}
    for card, _ in configured(settings):
        live, weight = card.facts.live, settings.weight(card.name)
        most = MOST_LIVE if live else LETTERS
        taken = {id_: _at_once(agent, card.name, live=live, weight=weight) for id_, agent in settings.agents.items()}
        if over := tuple(id_ for id_, count in taken.items() if count > most):
            caps.setdefault((over, taken[over[0]], most), {})[card.name] = most * weight
    for (agents, count, most), channels in caps.items():
        yield Finding(settings.where("agents", agents[0], "capacity"), "warning", *_told(agents, count, most, channels))


def _told(agents: Sequence[str], count: int, most: int, channels: Mapping[str, int]) -> tuple[str, str]:
    """What it costs, and what to do; `channels` with what to write as the most of each."""
    *others, last = channels
    of = f"{', '.join(others)} or {last}" if others else last
    message = f"{_names(agents)} can have {count} tickets of {of} in hand at once: whoever has more "
    message += f"than {most} keeps customers waiting although a colleague may be free, 1.6 to 2.1 times as long"
    written = ", ".join(f"{name}: {cap}" for name, cap in channels.items())
    return message, f"leave `capacity` out, or add `channel_capacity: {{ {written} }}`"


def _at_once(agent: AgentSettings, channel: str, *, live: bool, weight: int) -> int:
    cap = agent.cap(channel, live=live, weight=weight)
    return (agent.capacity if cap is None else min(cap, agent.capacity)) // weight


def _names(agents: Sequence[str]) -> str:
    others = len(agents) - 1
    return agents[0] + (f" and {others} more" if others else "")
