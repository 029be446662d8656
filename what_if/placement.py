"""The rules on what was recorded of a ticket: whether they place it again as they did, and where others would; pure.

What the rules saw is kept with each ticket, and its words are in the message that opened it. Whose message was erased
cannot be asked again: it stays where it was. The same goes for what was placed by hand, when it was split out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..router.agreed import REGION
from ..router.facts import Facts, Verdict
from ..router.rules import Rules
from .history import Kind, Placed


@dataclass(frozen=True, kw_only=True)
class PlacedAgain:
    """One ticket."""

    ticket: str
    kind: Kind
    """Where the changed rules place it."""
    rules: tuple[str, ...]
    """Those of them that match."""
    is_same: bool | None
    """Whether the rules of that day place it as they did; None where it cannot be asked."""
    segment: str = ""
    region: str = ""


def place_again(
    ticket: str, placed: Placed, facts: Facts | None, rules_then: Rules | None, rules: Rules
) -> PlacedAgain:
    """Ask the rules of that day and the changed ones. Without facts it stays as it was."""
    if facts is None:
        return PlacedAgain(ticket=ticket, kind=placed.kind, rules=placed.rules, is_same=None)
    then = rules_then.decide(facts) if rules_then is not None else None
    verdict = rules.decide(facts)
    return PlacedAgain(
        ticket=ticket,
        kind=kind_of(verdict, facts, placed, then),
        rules=verdict.matched,
        is_same=None if then is None else _is_same(then, placed),
        segment=facts.segment,
        region=str(facts.customer_fields.get(REGION) or ""),
    )


def kind_of(verdict: Verdict, facts: Facts, placed: Placed, then: Verdict | None) -> Kind:
    """What a verdict makes of the ticket; its language is what it was unless rules say or said another."""
    written = placed.kind.language
    if then is not None and then.language is not None:
        written = facts.language
    return Kind(
        verdict.queue,
        verdict.priority,
        verdict.language or written,
        verdict.require_skills,
        verdict.prefer_skills,
    )


def _is_same(then: Verdict, placed: Placed) -> bool:
    kind = placed.kind
    found = (then.queue, then.priority, then.require_skills, then.prefer_skills, then.tags, then.matched)
    return found == (kind.queue, kind.priority, kind.required, kind.preferred, placed.tags, placed.rules)


def kinds_by_ticket(again: Mapping[str, PlacedAgain]) -> dict[str, Kind]:
    """By ticket, where the changed rules place it."""
    return {id_: each.kind for id_, each in again.items()}
