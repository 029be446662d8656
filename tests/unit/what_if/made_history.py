"""Histories made by hand, and regimes of a small desk, for the tests of what-if."""

from collections.abc import Mapping, Sequence
from typing import Any

from trunkline.config.settings import Settings
from trunkline.gateway.channels import policy_of
from trunkline.what_if.history import Episode, History, Kind, Passage, PresenceChange
from trunkline.what_if.regime import Regime, Regimes

T0 = 1_800_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
SUPPORT, BILLING = Kind("support", 3), Kind("billing", 3)


def settings(**changed: Any) -> Settings:
    """Two queues, two agents with one slot each; Bea also does billing."""
    return Settings.model_validate(
        {
            "queues": {"support": {"fallback": True}, "billing": {}},
            "agents": {
                "ada": {"name": "Ada", "queues": ["support"], "capacity": 1},
                "bea": {"name": "Bea", "queues": ["support", "billing"], "capacity": 1},
            },
        }
        | changed
    )


def regime(**changed: Any) -> Regime:
    """What is in force with them."""
    return Regime(policy_of(settings(**changed)), {"test": 300})


def regimes(**changed: Any) -> Regimes:
    """The same all the time."""
    return Regimes([(0, regime(**changed))])


def taken(kind: Kind, wanted: int, agent: str, at: int, ended: int | None, **more: Any) -> Episode:
    """An episode in which somebody had it; times are minutes."""
    episode = Episode(kind=kind, wanted_at=T0 + wanted * MINUTE, agent=agent, taken_at=T0 + at * MINUTE, **more)
    if ended is not None:
        episode.end(T0 + ended * MINUTE, more.get("ending", "finished"), "solved")
    return episode


def passage(number: int, *episodes: Episode, **more: Any) -> Passage:
    """A ticket that went through these."""
    return Passage(
        id=f"t{number}",
        number=f"T-{number}",
        channel="test",
        arrived_at=episodes[0].wanted_at,
        episodes=list(episodes),
        **more,
    )


def presence(minute: int, agent: str, is_: str = "available") -> PresenceChange:
    """Somebody says how they are."""
    return PresenceChange(T0 + minute * MINUTE, agent, is_)


def history(
    passages: Sequence[Passage], presences: Sequence[PresenceChange], minutes: int = 600, **more: Any
) -> History:
    """What happened within so many minutes."""
    found: Mapping[str, Passage] = {each.id: each for each in passages}
    known = frozenset({"ada", "bea"})
    until = T0 + minutes * MINUTE
    return History(
        since=T0, start=T0, end=until, until=until, passages=found, presences=presences, agents=known, **more
    )
