"""The policy: settings and compiled rules of one version of the configuration, swapped as a whole."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from ..config.settings import Settings
from ..normalizer.channel_facts import Channels
from .eligibility import CandidateLists
from .private_fields import Agreement
from .rules import Rules
from .targets import target_ms


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is in force."""

    settings: Settings
    rules: Rules
    channels: Channels = field(default_factory=Channels)
    addresses: frozenset[str] = frozenset()  # e-mail addresses of ours

    @cached_property
    def candidates(self) -> CandidateLists:
        """Who may have which kind of ticket."""
        return CandidateLists(self.settings)

    def agreement(self, channel: str, priority: int) -> Agreement:
        """What is owed to a customer who wrote by this channel."""
        soon = target_ms(priority, live=self.channels[channel].live)
        return Agreement(targets=dict.fromkeys(("first_response", "next_response", "assignment"), soon))

    def language_wait(self, queue: str) -> timedelta:
        """How long a ticket of this queue waits for a speaker of its language while one is on duty."""
        return self.settings.queues[queue].language_wait if queue in self.settings.queues else timedelta()

    def undo_time(self, channel: str) -> timedelta:
        """How long a reply that leaves by this channel can be taken back."""
        return self.settings.undo.get(channel, timedelta(seconds=self.channels[channel].undo))


CurrentPolicy = Callable[[], Policy]
"""Gives the policy in force; whoever decides something asks once and uses that one throughout."""
