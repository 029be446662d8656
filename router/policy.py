"""The policy: settings and compiled rules of one version of the configuration, swapped as a whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from ..config.settings import Settings
from ..config.vendor_templates import TemplateText
from ..normalizer.channel_facts import Channels
from .agreements import Agreements
from .business_hours import BusinessHours
from .eligibility import CandidateLists
from .open_time import OpenTime
from .rules import Rules
from .targets import target_ms
from .trigger_set import TriggerSet

_ALL_HOURS = OpenTime()


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is in force."""

    settings: Settings
    rules: Rules
    channels: Channels = field(default_factory=Channels)
    templates: Mapping[tuple[str, str], Mapping[str, TemplateText]] = field(default_factory=dict)
    """Those of the channels' vendors, by channel and account."""
    addresses: frozenset[str] = frozenset()  # e-mail addresses of ours

    @cached_property
    def triggers(self) -> TriggerSet:
        """What fires on events and by time."""
        return TriggerSet(self.settings)

    @cached_property
    def candidates(self) -> CandidateLists:
        """Who may have which kind of ticket."""
        return CandidateLists(self.settings)

    @cached_property
    def agreements(self) -> Agreements:
        """What is promised for which tickets."""
        facts = self.channels
        return Agreements(self.settings, lambda channel, priority: target_ms(priority, live=facts[channel].live))

    @cached_property
    def hours(self) -> Mapping[str, BusinessHours]:
        """The business hours of each calendar."""
        return {name: BusinessHours(calendar) for name, calendar in self.settings.calendars.items()}

    def open_time(self, calendar: str | None) -> OpenTime:
        """The open time of a calendar; all hours for none, and for one that is not configured any more."""
        return self._open_times.get(calendar or "", _ALL_HOURS)

    @cached_property
    def _open_times(self) -> Mapping[str, OpenTime]:
        return {name: OpenTime(hours) for name, hours in self.hours.items()}

    def undo_time(self, channel: str) -> timedelta:
        """How long a reply that leaves by this channel can be taken back."""
        return self.settings.undo.get(channel, timedelta(seconds=self.channels[channel].undo))


CurrentPolicy = Callable[[], Policy]
"""Gives the policy in force; whoever decides something asks once and uses that one throughout."""
