"""Recorded traffic tells which rules match nothing, decide nothing, or contradict each other."""

from collections.abc import Mapping, Sequence
from typing import Any

from trunkline.router.facts import Facts
from trunkline.what_if.traffic_check import TrafficCheck

from .made_history import settings


def rule(name: str, word: str, goes_on: bool = False, **then: Any) -> dict[str, Any]:
    return {"name": name, "when": {"keywords": [word]}, "then": then, "continue": goes_on}


RULES = [
    rule("lamps", "lamp", goes_on=True, queue="billing"),
    rule("urgent lamps", "urgent", goes_on=True, queue="support", priority=1),
    rule("late lamps", "lamp", queue="billing"),
    rule("parcels", "parcel", queue="support"),
]


def told(*texts: str, rules: Sequence[Mapping[str, Any]] = RULES) -> list[str]:
    check = TrafficCheck(settings(rules=rules))
    for text in texts:
        check.add(Facts(channel="test", text=text, at=0))
    return [each.message for each in check.findings()]


def test_a_rule_that_nothing_matches_one_in_vain_and_two_that_contradict() -> None:
    assert told("my lamp", "an urgent lamp", "urgent") == [
        'the rule "late lamps" matches 2 of 3 recorded tickets and decides nothing for any of them',
        'the rule "parcels" matches none of 3 recorded tickets',
        'the rule "urgent lamps" says queue support for 1 of 3 recorded tickets, for which "lamps" said billing before',
    ]


def test_a_rule_that_only_keeps_an_acknowledgement_back_decides_something() -> None:
    assert told("my lamp", rules=[rule("quiet", "lamp", goes_on=True, acknowledge=False)]) == []


def test_without_traffic_nothing_is_said() -> None:
    assert told() == []
