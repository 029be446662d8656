"""The linter's claims about conditions are never wrong: what it says is implied is implied by every message."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.config.implication import contradictory, implies, parts_of
from trunkline.config.rule_settings import ConditionSettings
from trunkline.config.settings import Settings
from trunkline.config.shadowing import EarlierRules
from trunkline.router.rules import Facts, Rules

NIGHT = 1_767_740_400_000
DAY = NIGHT + 12 * 3_600_000


def _condition(when: dict[str, Any]) -> ConditionSettings:
    return ConditionSettings.model_validate(when)


def _implies(first: dict[str, Any], second: dict[str, Any]) -> bool:
    return implies(parts_of(_condition(first)), parts_of(_condition(second)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"channel": "mail"}, {"channel": ["http", "mail"]}),
        ({"channel": "mail", "language": "en"}, {"language": ["en", "es"]}),
        ({"keywords": "refunds"}, {"keywords": "refund*"}),
        ({"subject_keywords": "refund"}, {"keywords": ["money", "REFUND"]}),
        ({"text_regex": "a+"}, {"regex": ["a+", "b"]}),
        ({"recipient": "Billing@example.test"}, {"recipient": "@example.test"}),
        ({"sender": "a@mail.example.org"}, {"sender": "@*.example.org"}),
        ({"sender": "@mail.example.org"}, {"sender": "@*.example.org"}),
        ({"assurance_at_least": "A3"}, {"assurance_at_least": "A1"}),
        ({"hours": {"office": "open", "shop": "closed"}}, {"hours": {"office": "open"}}),
        ({"customer": {"known": "true", "segment": "vip"}}, {"customer": {"segment": ["vip", "gold"]}}),
        ({"customer": {"a": "1", "b": "2"}}, {"customer": {"b": ["2", "3"]}}),
        ({"customer": {"a": {"at_least": "5", "at_most": "9"}}}, {"customer": {"a": {"at_least": "4"}}}),
        ({"ticket": {"a": {"before": "2026-01-01"}}}, {"ticket": {"a": {"before": "2026-02-01"}}}),
        ({"ticket": {"a": {"last_days": "3"}}}, {"ticket": {"a": {"last_days": "7"}}}),
        ({"customer": {"company": "Acme"}, "ticket": {"a": "1"}}, {"ticket": {"a": ["1", "2"]}}),
        ({"channel": "mail"}, {"any": [{"language": "en"}, {"channel": "mail"}]}),
        ({"channel": "mail", "language": "en"}, {"any": [{"language": "en", "channel": "mail"}, {"channel": "http"}]}),
        ({"any": [{"channel": "mail"}, {"channel": "http"}]}, {"channel": ["mail", "http"]}),
        ({"all": [{"channel": "mail"}, {"language": "en"}]}, {"language": "en", "channel": "mail"}),
        ({"not": {"channel": ["mail", "http"]}}, {"not": {"channel": "mail"}}),
    ],
)
def test_a_narrower_condition_implies_a_wider_one_and_not_the_other_way(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert _implies(first, second)
    assert not _implies(second, first) or "any" in first or "all" in first


def test_everything_implies_the_condition_that_always_holds() -> None:
    assert implies(parts_of(_condition({"channel": "mail"})), parts_of(None))
    assert not implies(parts_of(None), parts_of(_condition({"channel": "mail"})))


@pytest.mark.parametrize(
    "when",
    [
        {"all": [{"channel": "mail"}, {"channel": "http"}]},
        {"language": "en", "all": [{"language": ["es", "ru"]}]},
        {"hours": {"office": "open"}, "not": {"hours": {"office": "open"}}},
        {"channel": "mail", "not": {"channel": ["mail", "http"]}},
        {"any": [{"all": [{"attachments": "true"}, {"attachments": "false"}]}]},
        {"all": [{"hours": {"office": "open"}}, {"hours": {"office": "closed"}}]},
    ],
)
def test_a_condition_that_nothing_meets_is_seen(when: dict[str, Any]) -> None:
    assert contradictory(parts_of(_condition(when)))


def test_all_earlier_rules_that_take_a_later_one_are_among_those_that_are_compared() -> None:
    """Drawn below, and here each of a kind that is found by another value than its own."""
    taken = [{"keywords": ["x", "re*"]}, {"sender": "@*.example"}, {"recipient": "@sub.x.test"}, {"spam": {"score": 3}}]
    later = [{"text_keywords": "refund*"}, {"sender": "a@b.example"}, {"recipient": "a@sub.x.test"}]
    later += [{"any": [{"spam": {"score": 5}}, {"spam": {"score": 4}}], "channel": "mail"}]
    earlier = EarlierRules()
    for number, when in enumerate(taken):
        earlier.add(number, parts_of(_condition(when)))
    assert [earlier.that_may_take(parts_of(_condition(when))) for when in later] == [[0], [1], [2], [3]]


_WORDS = [
    "refund",
    "Refund",
    "refunds",
    "refund*",
    "re*",
    "*fund",
    "é",
    "e*",
    "退",
    "退款",
    "退*",
    "c++",
    "c*",
    "a-b",
    "a b",
]
_ADDRESSES = ["a@x.test", "A@X.test", "@x.test", "@*.test", "@*.x.test", "a@sub.x.test", "@sub.x.test", "b@y.test"]
_SOME_WORDS = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=2)
_LEAVES = st.one_of(
    *(st.fixed_dictionaries({name: _SOME_WORDS}) for name in ("keywords", "subject_keywords", "text_keywords")),
    *(
        st.fixed_dictionaries({name: st.lists(st.sampled_from(_ADDRESSES), min_size=1, max_size=2)})
        for name in ("recipient", "sender")
    ),
    *(
        st.fixed_dictionaries({name: st.lists(st.sampled_from(["refund", "^e", "C"]), min_size=1, max_size=2)})
        for name in ("regex", "subject_regex")
    ),
    st.fixed_dictionaries({"channel": st.lists(st.sampled_from(["mail", "http"]), min_size=1)}),
    st.fixed_dictionaries({"assurance_at_least": st.sampled_from(["A0", "A1", "A2"])}),
    st.fixed_dictionaries({"hours": st.fixed_dictionaries({"office": st.sampled_from(["open", "closed"])})}),
    st.fixed_dictionaries({"customer": st.fixed_dictionaries({"known": st.booleans()})}),
    st.fixed_dictionaries(
        {"customer": st.fixed_dictionaries({"segment": st.lists(st.sampled_from(["É", "e", "vip"]), min_size=1)})}
    ),
    *(
        st.fixed_dictionaries({"customer": st.fixed_dictionaries({"seats": st.fixed_dictionaries({name: limits})})})
        for name in ("less_than", "at_most", "more_than", "at_least")
        for limits in [st.sampled_from(["1", "2", "3"])]
    ),
    *(
        st.fixed_dictionaries({"ticket": st.fixed_dictionaries({"day": st.fixed_dictionaries({name: asked})})})
        for name, asked in (
            ("before", st.sampled_from(["2026-01-06", "2026-01-08"])),
            ("after", st.sampled_from(["2026-01-06", "2026-01-08"])),
            ("last_days", st.sampled_from(["0", "2"])),
            ("next_days", st.sampled_from(["0", "2"])),
        )
    ),
    st.fixed_dictionaries({"ticket": st.fixed_dictionaries({"day": st.fixed_dictionaries({"empty": st.booleans()})})}),
)
_CONDITIONS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=3,
)
_PLAIN_WORDS = ["refund", "refunds", "refunded", "nonrefund", "e", "É", "退", "款", "c++", "c", "a-b", "a", "b"]
_TEXTS = st.lists(st.sampled_from(_PLAIN_WORDS), max_size=3).map(" ".join)
_SENDERS = st.sampled_from(["a@x.test", "b@x.test", "a@sub.x.test", "b@y.test", "a@test", ""])
_FACTS = st.builds(
    Facts,
    channel=st.sampled_from(["mail", "http"]),
    sender=_SENDERS,
    recipients=st.lists(_SENDERS, max_size=2),
    subject=_TEXTS,
    text=_TEXTS,
    assurance=st.integers(0, 3),
    known_customer=st.booleans(),
    segment=st.sampled_from(["", "é", "E", "VIP"]),
    customer_fields=st.fixed_dictionaries({"seats": st.sampled_from([0, 1, 2, 2.5, 3, "many"])}),
    ticket_fields=st.sampled_from([{}, *({"day": f"2026-01-0{number}"} for number in range(5, 10))]),
    at=st.sampled_from([NIGHT, DAY]),
)


def _met(first: dict[str, Any], second: dict[str, Any], facts: Facts) -> tuple[bool, bool]:
    desk = {
        "queues": {"support": {"fallback": "true"}},
        "calendars": {"office": {"zone": "UTC", "hours": {"monday-friday": "09:00-17:00"}}},
        "rules": [
            {"name": name, "when": when, "then": {"tags": [name]}, "continue": "true"}
            for name, when in (("first", first), ("second", second))
        ],
    }
    matched = Rules(Settings.model_validate(desk)).decide(facts).matched
    return "first" in matched, "second" in matched


@settings(max_examples=400)
@given(first=_CONDITIONS, second=_CONDITIONS, facts=st.lists(_FACTS, min_size=5, max_size=5))
def test_no_message_contradicts_the_linter(first: dict[str, Any], second: dict[str, Any], facts: list[Facts]) -> None:
    implied, impossible = _implies(first, second), contradictory(parts_of(_condition(first)))
    if implied or impossible:
        for each in facts:
            meets_first, meets_second = _met(first, second, each)
            assert not (implied and meets_first and not meets_second)
            assert not (impossible and meets_first)


@given(first=_CONDITIONS, second=_CONDITIONS)
def test_no_rule_that_takes_a_later_one_is_left_out_of_what_is_compared(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    earlier = EarlierRules()
    earlier.add(0, parts_of(_condition(second)))
    if _implies(first, second) and not contradictory(parts_of(_condition(first))):
        assert earlier.that_may_take(parts_of(_condition(first))) == [0]


@given(when=_CONDITIONS)
def test_every_condition_implies_itself(when: dict[str, Any]) -> None:
    assert _implies(when, when)


@settings(max_examples=300)
@given(word=st.sampled_from(_WORDS), other=st.sampled_from(_WORDS), facts=st.lists(_FACTS, min_size=5, max_size=5))
def test_a_word_that_takes_in_another_is_found_wherever_that_is(word: str, other: str, facts: list[Facts]) -> None:
    first, second = {"keywords": [word]}, {"keywords": [other]}
    if _implies(first, second):
        for each in facts:
            meets_first, meets_second = _met(first, second, each)
            assert meets_second or not meets_first
