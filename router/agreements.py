"""What is agreed for a ticket: the first policy of `sla:` that fits it, completed by the targets of the house. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..config.settings import Settings
from ..config.sla_settings import HOUSE, SlaSettings
from .private_fields import PAUSES, Agreement


@dataclass(frozen=True, kw_only=True)
class Promised:
    """What policies can ask of a ticket."""

    priority: int
    channel: str
    queue: str
    language: str = "unknown"
    segment: str = ""
    region: str = ""

    def fits(self, asked: Mapping[str, frozenset[Any]]) -> bool:
        """Whether all that is asked is so."""
        return all(getattr(self, name) in values for name, values in asked.items())


class Agreements:
    """The policies of one configuration; `soon` says how soon the house answers, in ms, by channel and priority."""

    def __init__(self, settings: Settings, soon: Callable[[str, int], int]) -> None:
        self._policies = [(policy.asked(), policy) for policy in settings.sla]
        self._soon = soon
        self.asks_customers = any({"segment", "region"} & asked.keys() for asked, _ in self._policies)

    def of(self, facts: Promised) -> Agreement:
        """What is agreed."""
        house = dict.fromkeys(HOUSE, self._soon(facts.channel, facts.priority))
        policy = self.policy(facts)
        if policy is None:
            return Agreement(targets=house)
        named = {kind: target[facts.priority] // _MS for kind, target in policy.targets.items()}
        if "assignment" not in named:
            house["assignment"] = named.get("first_response", house["assignment"])
        if "next_response" not in named:
            house["next_response"] = named.get("first_response", house["next_response"])
        agreed: dict[str, Any] = {"targets": {**house, **named}, "policy": policy.name}
        if policy.pause != PAUSES:
            agreed["pauses"] = policy.pause
        if policy.calendar:
            agreed["calendar"] = policy.calendar
        if policy.calendar or policy.escalation:
            agreed["reckon"] = True
        return Agreement.model_validate(agreed)

    def policy(self, facts: Promised) -> SlaSettings | None:
        """The policy that holds; None: the house's own."""
        return next((policy for asked, policy in self._policies if facts.fits(asked)), None)


_MS = timedelta(milliseconds=1)
