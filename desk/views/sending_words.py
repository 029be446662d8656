"""What the box in which one writes says of the channel: how much is taken, what is not, until when, and what else can
be sent. Pure functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ...config.vendor_templates import ChoiceTemplate, TemplateText
from ...normalizer.sending_plan import SendingPlan
from ...normalizer.sms_segments import Segments
from ...router.policy import Policy
from ...router.reply_checks import filled_in, sends_of, templates_of, values_of
from ...router.stored_ticket import StoredTicket
from .reply_target import address_of

_SHOWN = 8  # signs that make an SMS shorter


@dataclass(frozen=True, kw_only=True)
class OfferedTemplate:
    """A template that can be sent: what it says, and its places with the values that they have."""

    name: str
    language: str
    text: str
    places: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Composing:
    """What a reply to a ticket can be."""

    counts: bool = False  # whether the channel has limits that are told while one writes
    templates: Sequence[OfferedTemplate] = ()
    modes: Sequence[tuple[str, str]] = ()


def composing(stored: StoredTicket, policy: Policy, agent: str) -> Composing:
    """For this agent, by their name."""
    address = address_of(stored)
    if address is None:
        return Composing()
    sends, values = sends_of(policy, address), values_of(stored, address, agent)
    templates = [
        OfferedTemplate(
            name=name, language=each.language, text=_said(each), places=tuple(filled_in(each, values).items())
        )
        for name, each in templates_of(policy, address).items()
    ]
    limited = sends.text is not None or sends.files != type(sends.files)()
    return Composing(counts=limited, templates=templates, modes=tuple(sends.modes.items()))


def _said(template: TemplateText) -> str:
    """What it says, with the buttons below it."""
    choices = template.choices if isinstance(template, ChoiceTemplate) else ()
    return " ".join((template.text, *(f"[{each}]" for each in choices)))


def plan_words(plan: SendingPlan) -> str:
    """How much of what the channel takes a reply is: `2 messages`, `1,200 of 5,000`, `2 SMS, 31 left`."""
    if plan.segments:
        return _sms(plan.segments)
    if plan.messages > 1:
        return f"Leaves as {plan.messages} messages"
    if plan.most is None or plan.taken < plan.most // 2:
        return ""
    return f"{plan.taken:,} of {plan.most:,}"


def _sms(segments: Sequence[Segments]) -> str:
    parts, odd = sum(each.parts for each in segments), "".join(dict.fromkeys("".join(each.odd for each in segments)))
    shorter = f"; {' '.join(odd[:_SHOWN])} makes each shorter" if odd else ""
    return f"{parts} SMS, {segments[-1].left} left in the last{shorter}"
