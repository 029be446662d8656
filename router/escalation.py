"""The ladder of an escalation: which step of a policy is next for a clock, and when. Pure.

A step is known by its place in the policy and its label, and these stand in the clock (`steps`) once it is done; so it
is done once, whatever else is changed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ..config.escalation_settings import EscalationStep
from ..config.sla_settings import SlaSettings
from .clock import TicketClock
from .open_time import OpenTime

_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class Due:
    """A step that is still to be done, and when."""

    key: str
    at: int
    step: EscalationStep


def steps_left(name: str, clock: TicketClock, policy: SlaSettings | None, time: OpenTime) -> Sequence[Due]:
    """Those of a clock, the first to be done first; none while it does not run."""
    if policy is None or not clock.runs:
        return ()
    return sorted(_left(name, clock, policy, time), key=lambda due: due.at)


def _left(name: str, clock: TicketClock, policy: SlaSettings, time: OpenTime) -> Iterator[Due]:
    for number, step in enumerate(policy.escalation):
        key = f"{number + 1}: {step.label}"
        if key in clock.steps or (step.clock is not None and name not in step.clock):
            continue
        used = step.used(timedelta(milliseconds=clock.target)) // _MS
        at = time.after(clock.began, max(used, 0) + clock.rested, clock.pauses)
        if at is not None:
            yield Due(key=key, at=at, step=step)
