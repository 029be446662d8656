"""The policy: settings and compiled rules of one version of the configuration, swapped as a whole."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ..config.settings import Settings
from .eligibility import CandidateLists
from .rules import Rules


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is in force."""

    settings: Settings
    rules: Rules

    @cached_property
    def candidates(self) -> CandidateLists:
        """Who may have which kind of ticket."""
        return CandidateLists(self.settings)


CurrentPolicy = Callable[[], Policy]
"""Gives the policy in force; whoever decides something asks once and uses that one throughout."""
