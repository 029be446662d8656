"""The policy: settings and compiled rules of one version of the configuration, swapped as a whole."""

from collections.abc import Callable
from dataclasses import dataclass

from ..config.settings import Settings
from .rules import Rules


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is in force."""

    settings: Settings
    rules: Rules


CurrentPolicy = Callable[[], Policy]
"""Gives the policy in force; whoever decides something asks once and uses that one throughout."""
