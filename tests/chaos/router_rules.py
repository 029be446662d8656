"""The rule on whoever waits: nobody does while somebody is free who could help them."""

import json
from collections.abc import Mapping
from typing import Any

from .evidence import Evidence, Violation, Violations

Agent = Mapping[str, str]


def nobody_waits_in_vain(evidence: Evidence) -> Violations:
    """Once all is quiet, no ticket waits that an agent with room could have, as it is or as second-choice work."""
    for id_, stored in evidence.picture.kept.places.items():
        place = json.loads(stored)
        if place["state"] == "waiting":  # and is not held for the agent who had it before
            for name, agent in _by_name(evidence.picture.agents).items():
                if _could_have(name, agent, place):
                    yield Violation("routing", id_, f"waits, and {name} is free to have it")


def _could_have(name: str, agent: Agent, place: Mapping[str, Any]) -> bool:
    is_asked = agent.get("presence") == "available" and not agent.get("keeps") and not _number(agent, "closes_at")
    excluded = dict(place["excluded"]).get(name) == _number(agent, "epoch")
    return is_asked and not excluded and _has_tokens(agent, place) and _fits(agent, place)


def _has_tokens(agent: Agent, place: Mapping[str, Any]) -> bool:
    wanted = [place["signature"], *([place["overflow"].rpartition("|")[2]] if place.get("overflow") else [])]
    tokens = set(agent.get("tokens", "").split(","))
    return any(tokens.issuperset(signature.split(",")) for signature in wanted)


def _fits(agent: Agent, place: Mapping[str, Any]) -> bool:
    if (_number(agent, "live") and place.get("exclusive")) or _number(agent, "exclusive"):
        return False
    load, channel = _number(agent, "load" if place.get("patient") else "live"), place["channel"]
    if load + place["weight"] > _number(agent, "capacity"):
        return False
    in_channel = _number(agent, f"load:{channel}") + place["weight"]
    return f"cap:{channel}" not in agent or in_channel <= _number(agent, f"cap:{channel}")


def _number(agent: Agent, name: str) -> int:
    return int(agent.get(name) or 0)


def _by_name(agents: Mapping[str, str]) -> Mapping[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for field, value in agents.items():
        name, _, what = field.rpartition(".")
        found.setdefault(name, {})[what] = value
    return found
