"""Rules: what each condition means, how rules follow each other, and that an explanation is the decision."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.config.settings import Settings
from trunkline.router import condition, conditions
from trunkline.router.rules import Facts, Rules, Verdict, _Rule

NIGHT = 1_767_740_400_000  # 2026-01-06T23:00:00Z, a Tuesday
DAY = NIGHT + 12 * 3_600_000
_PICTURE = {"name": "lamp.png", "type": "image/png", "size": 2048}
_LETTER = {"name": "letter.pdf", "type": "application/pdf", "size": 10}


def _settings(*rules: dict[str, Any]) -> Settings:
    return Settings.model_validate(
        {
            "queues": {"support": {"fallback": "true"}, "billing": {"priority": "2"}, "night": {}},
            "calendars": {"office": {"zone": "UTC", "hours": {"monday-friday": "09:00-17:00"}}},
            "rules": rules,
        }
    )


def _facts(**facts: Any) -> Facts:
    return Facts(**{"channel": "mail", "at": DAY} | facts)


def _holds(when: dict[str, Any], **facts: Any) -> bool:
    rules = Rules(_settings({"name": "r", "when": when, "then": {"queue": "billing"}}))
    return rules.decide(_facts(**facts)).queue == "billing"


@pytest.mark.parametrize(
    ("when", "facts"),
    [
        ({"channel": ["http", "mail"]}, {}),
        ({"account": "Support@example.test"}, {"account": "support@example.test"}),
        ({"recipient": "Billing@EXAMPLE.test"}, {"recipients": ["support@example.test", "billing@example.test"]}),
        ({"recipient": "@example.test"}, {"recipients": ["billing@example.test"]}),
        ({"sender": "@münchen.example"}, {"sender": "ann@xn--mnchen-3ya.example"}),
        ({"sender": "@*.example.org"}, {"sender": "ann@mail.example.org"}),
        ({"sender": "+372555"}, {"sender": "+372555"}),
        ({"keywords": "refund"}, {"subject": "Refund"}),
        ({"keywords": "refund"}, {"text": "refund, please"}),
        ({"subject_keywords": ["x", "refund"]}, {"subject": "A refund"}),
        ({"text_keywords": "refund"}, {"text": "refund"}),
        ({"regex": r"\bORD-\d{4}\b"}, {"text": "my ord-1042 is late"}),
        ({"regex": "cafe\u0301"}, {"text": "café"}),
        ({"subject_regex": "^re:"}, {"subject": "RE: hello"}),
        ({"language": ["es", "unknown"]}, {"language": "unknown"}),
        ({"assurance_at_least": "A1"}, {"assurance": 2}),
        ({"automation": ["bulk", "bounce"]}, {"automation": "bounce"}),
        ({"came_as": ["comment", "live_comment"]}, {"came_as": "comment"}),
        ({"came_as": "message"}, {}),
        ({"says": ["resolved", "cancelled"]}, {"says": "cancelled"}),
        ({"attachments": "true"}, {"attachments": True}),
        ({"attachments": "no"}, {}),
        ({"customer": {"known": "true"}}, {"known_customer": True}),
        ({"customer": {"segment": ["gold", "vip"]}}, {"segment": "VIP"}),
        ({"customer": {"company": ["ACME", "Initech"]}}, {"company": "Acme"}),
        ({"customer": {"plan": "pro"}}, {"customer_fields": {"plan": "Pro"}}),
        ({"customer": {"seats": "5"}}, {"customer_fields": {"seats": 5}}),
        ({"customer": {"trial": "true"}}, {"customer_fields": {"trial": True}}),
        ({"customer": {"trial": "no"}}, {"customer_fields": {"trial": False}}),
        ({"customer": {"products": "router"}}, {"customer_fields": {"products": ["modem", "router"]}}),
        ({"ticket": {"order": "a-17"}}, {"ticket_fields": {"order": "A-17"}}),
        ({"customer": {"seats": {"at_least": "10", "less_than": "100"}}}, {"customer_fields": {"seats": 10}}),
        ({"customer": {"seats": {"more_than": "9.5", "at_most": "10"}}}, {"customer_fields": {"seats": 10}}),
        ({"customer": {"since": {"before": "2026-02-01"}}}, {"customer_fields": {"since": "2026-01-31"}}),
        ({"customer": {"since": {"after": "2026-01-30"}}}, {"customer_fields": {"since": "2026-01-31"}}),
        ({"customer": {"since": {"last_days": "30"}}}, {"customer_fields": {"since": "2025-12-08"}}),
        ({"customer": {"since": {"last_days": "0", "next_days": "0"}}}, {"customer_fields": {"since": "2026-01-07"}}),
        ({"customer": {"renewal": {"next_days": "30"}}}, {"customer_fields": {"renewal": "2026-02-06"}}),
        ({"customer": {"remark": {"contains": ["rabatt", "DISCOUNT"]}}}, {"customer_fields": {"remark": "A discount"}}),
        ({"ticket": {"parts": {"contains": "Lamp"}}}, {"ticket_fields": {"parts": ["cable", "lamp"]}}),
        ({"customer": {"plan": {"empty": "true"}}}, {}),
        ({"customer": {"plan": {"empty": "false"}}}, {"customer_fields": {"plan": "pro"}}),
        ({"customer": {"company": {"empty": "true"}, "segment": {"contains": "vip"}}}, {"segment": "VIP gold"}),
        ({"customer": {"plan": {"is": ["pro", "team"], "empty": "no"}}}, {"customer_fields": {"plan": "Team"}}),
        ({"attachment": {"type": "image/*", "at_least": "1KiB"}}, {"attachments": True, "files": [_PICTURE]}),
        ({"attachment": {"name": ["*.pdf", "LAMP.*"]}}, {"attachments": True, "files": [_PICTURE]}),
        ({"counts": {"words": {"less_than": "4"}, "links": "1"}}, {"text": "see https://example.org now"}),
        ({"counts": {"recipients": {"more_than": "1"}}}, {"recipients": ["a@x.test", "b@x.test"]}),
        ({"counts": {"attachments": "1"}}, {"attachments": True, "files": [_PICTURE]}),
        ({"counts": {"messages": "2", "reopened": "1"}}, {"state": {"messages": 2, "reopened": 1}}),
        ({"history": {"tickets": {"at_least": "3"}, "open": "0"}}, {"history": {"tickets": 4}}),
        ({"history": {"days_since": {"at_most": "2"}}}, {"history": {"last_contact_at": DAY - 2 * 86_400_000}}),
        ({"history": {"reopened": {"more_than": "0"}}}, {"history": {"reopened": 1}}),
        ({"status": ["pending", "new"]}, {}),
        ({"tags": "VIP"}, {"state": {"tags": ["vip"]}}),
        ({"priority": ["1", "2"]}, {"state": {"priority": 2}}),
        ({"assignee": "none"}, {}),
        ({"in_status_for": "3d"}, {"state": {"status_since": DAY - 3 * 86_400_000}}),
        ({"by": ["agent", "token"]}, {"state": {"by": "agent"}}),
        ({"hours": {"office": "open"}}, {}),
        ({"hours": {"office": "closed"}}, {"at": NIGHT}),
        ({"any": [{"channel": "http"}, {"language": "en"}]}, {"language": "en"}),
        ({"all": [{"channel": "mail"}, {"language": "en"}]}, {"language": "en"}),
        ({"not": {"channel": "http"}}, {}),
        ({"not": {"any": [{"channel": "http"}, {"all": [{"language": "en"}, {"attachments": "true"}]}]}}, {}),
    ],
)
def test_a_condition_holds(when: dict[str, Any], facts: dict[str, Any]) -> None:
    assert _holds(when, **facts)


@pytest.mark.parametrize(
    ("when", "facts"),
    [
        ({"channel": "http"}, {}),
        ({"account": "billing@example.test"}, {"recipients": ["billing@example.test"]}),
        ({"recipient": "@example.test"}, {"recipients": ["billing@sub.example.test"]}),
        ({"recipient": "@example.test"}, {"recipients": ["billing@notexample.test"]}),
        ({"recipient": "billing@example.test"}, {}),
        ({"sender": "@*.example.org"}, {"sender": "ann@example.org"}),
        ({"sender": "ann@example.org"}, {"sender": ""}),
        ({"subject_keywords": "refund"}, {"text": "refund"}),
        ({"text_keywords": "refund"}, {"subject": "refund"}),
        ({"text_regex": "refund"}, {"subject": "refund"}),
        ({"regex": "(?-i)ORD"}, {"text": "ord"}),
        ({"language": "es"}, {}),
        ({"assurance_at_least": "A2"}, {"assurance": 1}),
        ({"automation": "none"}, {"automation": "bulk"}),
        ({"came_as": "comment"}, {}),
        ({"says": "thanks"}, {"says": ""}),
        ({"attachments": "true"}, {}),
        ({"customer": {"known": "false"}}, {"known_customer": True}),
        ({"customer": {"segment": "vip"}}, {}),
        ({"customer": {"plan": "pro"}}, {"customer_fields": {"planet": "pro"}}),
        ({"customer": {"plan": "pro"}}, {"ticket_fields": {"plan": "pro"}}),
        ({"customer": {"seats": {"at_least": "10"}}}, {"customer_fields": {"seats": 9.99}}),
        ({"customer": {"seats": {"less_than": "10"}}}, {"customer_fields": {"seats": 10}}),
        ({"customer": {"seats": {"less_than": "10"}}}, {}),
        ({"customer": {"seats": {"at_least": "0"}}}, {"customer_fields": {"seats": "many"}}),
        ({"customer": {"seats": {"at_least": "0"}}}, {"customer_fields": {"seats": True}}),
        ({"customer": {"since": {"before": "2026-01-31"}}}, {"customer_fields": {"since": "2026-01-31"}}),
        ({"customer": {"since": {"after": "2026-01-31"}}}, {"customer_fields": {"since": "2026-01-31"}}),
        ({"customer": {"since": {"after": "2026-01-01"}}}, {"customer_fields": {"since": "last year"}}),
        ({"customer": {"since": {"last_days": "30"}}}, {"customer_fields": {"since": "2025-12-07"}}),
        ({"customer": {"since": {"last_days": "30"}}}, {"customer_fields": {"since": "2026-01-08"}}),
        ({"customer": {"renewal": {"next_days": "30"}}}, {"customer_fields": {"renewal": "2026-02-07"}}),
        ({"customer": {"remark": {"contains": "discount"}}}, {}),
        ({"ticket": {"parts": {"contains": "lam"}}}, {"ticket_fields": {"parts": ["cable", "lamp"]}}),
        ({"customer": {"plan": {"empty": "true"}}}, {"customer_fields": {"plan": "pro"}}),
        ({"customer": {"plan": {"empty": "false"}}}, {"customer_fields": {"plan": []}}),
        ({"ticket": {"order": "17"}}, {}),
        ({"customer": {"known": "true", "segment": "vip"}}, {"segment": "vip"}),
        ({"attachment": {"type": "image/*", "name": "*.pdf"}}, {"attachments": True, "files": [_PICTURE, _LETTER]}),
        ({"attachment": {"at_most": "1KiB"}}, {"attachments": True, "files": [_PICTURE]}),
        ({"attachment": {"type": "image/*"}}, {}),
        ({"history": {"days_since": {"at_most": "2"}}}, {}),
        ({"status": "pending"}, {}),
        ({"queue": "billing"}, {}),
        ({"priority": "1"}, {}),
        ({"assignee": "ada"}, {}),
        ({"in_status_for": "1min"}, {}),
        ({"by": "agent"}, {}),
        ({"hours": {"office": "open"}}, {"at": NIGHT}),
        ({"channel": "mail", "language": "en"}, {"language": "es"}),
        ({"any": [{"channel": "http"}, {"language": "en"}]}, {}),
        ({"all": [{"channel": "mail"}, {"language": "en"}]}, {}),
        ({"not": {"channel": "mail"}}, {}),
    ],
)
def test_a_condition_does_not_hold(when: dict[str, Any], facts: dict[str, Any]) -> None:
    assert not _holds(when, **facts)


def test_what_no_rule_places_goes_to_the_fallback_queue_with_its_priority() -> None:
    verdict = Rules(_settings()).decide(_facts())
    assert verdict == Verdict(queue="support", priority=3, config=_settings().version)


def test_the_first_rule_that_matches_ends_the_search() -> None:
    rules = Rules(
        _settings(
            {"name": "no", "when": {"channel": "http"}, "then": {"queue": "night", "tags": ["a"]}},
            {"name": "yes", "when": {"channel": "mail"}, "then": {"queue": "billing", "tags": ["b"]}},
            {"name": "late", "then": {"queue": "night", "tags": ["c"]}},
        )
    )
    verdict = rules.decide(_facts())
    assert (verdict.queue, verdict.tags, verdict.matched) == ("billing", ("b",), ("yes",))
    assert verdict.priority == 2, "the queue's own"


def test_a_rule_that_continues_lets_later_ones_add_and_decide_what_is_open() -> None:
    rules = Rules(
        _settings(
            {
                "name": "vip",
                "then": {"priority": "1", "tags": ["vip"], "require_skills": ["vip"], "acknowledge": "false"},
                "continue": "true",
            },
            {
                "name": "refund",
                "then": {
                    "queue": "billing",
                    "priority": "4",
                    "tags": ["refund", "vip"],
                    "require_skills": ["vip", "billing@3"],
                    "prefer_skills": ["french"],
                    "language": "fr",
                    "acknowledge": "true",
                },
            },
            {"name": "late", "then": {"tags": ["late"]}},
        )
    )
    assert rules.decide(_facts()) == Verdict(
        queue="billing",
        priority=1,
        tags=("vip", "refund"),
        require_skills=("vip", "billing@3"),
        prefer_skills=("french",),
        language="fr",
        acknowledge=False,
        matched=("vip", "refund"),
        config=rules.decide(_facts()).config,
    )


def test_a_match_ends_its_stage_and_the_next_stage_begins() -> None:
    rules = Rules(
        _settings(
            {"name": "first", "stage": "place", "then": {"queue": "billing"}},
            {"name": "second", "stage": "place", "then": {"tags": ["second"]}},
            {
                "name": "third",
                "stage": "mark",
                "when": {"queue": "billing"},
                "then": {"tags": ["money"]},
                "stop": "true",
            },
            {"name": "fourth", "stage": "end", "then": {"tags": ["fourth"]}},
        )
    )
    verdict = rules.decide(_facts())
    assert (verdict.matched, verdict.tags) == (("first", "third"), ("money",))
    assert [rule.outcome for rule in rules.explain(_facts()).rules] == [
        "matched",
        "not_reached",
        "matched",
        "not_reached",
    ]


def test_a_rule_sees_the_tags_queue_and_priority_that_rules_before_it_have_decided() -> None:
    asks = {"tags": "vip", "queue": "night", "priority": "1"}
    asking = {"name": "asks", "when": asks, "then": {"tags": ["seen"]}, "continue": "true"}
    sets = {"name": "sets", "then": {"tags": ["vip"], "queue": "night", "priority": "1"}, "continue": "true"}
    assert Rules(_settings(sets, asking)).decide(_facts()).matched == ("sets", "asks")
    assert Rules(_settings(asking, sets)).decide(_facts()).matched == ("sets",)


def test_impact_and_urgency_give_the_priority_where_no_rule_says_one() -> None:
    both = {"name": "both", "then": {"impact": "1", "urgency": "2"}, "continue": "true"}
    said = {"name": "said", "then": {"priority": "4"}}
    assert Rules(_settings(both)).decide(_facts()).priority == 2
    assert Rules(_settings(both, said)).decide(_facts()).priority == 4


def test_what_a_named_group_finds_fills_a_field() -> None:
    order = {
        "name": "order",
        "when": {"regex": r"order (?P<order>[A-Z]\d+)( for (?P<who>\w+))?"},
        "then": {"fields": {"order": "{order}", "remark": "for {who}"}},
    }
    verdict = Rules(_settings(order)).decide(_facts(subject="my order a17", text="order B2 for Jürgen"))
    assert verdict.fields == {"order": "a17", "remark": "for"}
    assert verdict.variables == {"order": "a17"}


def test_a_later_rule_may_use_what_an_earlier_one_found_and_the_first_stands() -> None:
    find = {"name": "find", "when": {"text_regex": "id (?P<id>\\d+)"}, "then": {"fields": {"a": "{id}"}}}
    again = {"name": "again", "when": {"text_regex": "no (?P<id>\\d+)"}, "then": {"fields": {"b": "{id}", "a": "x"}}}
    verdict = Rules(_settings(find | {"continue": "true"}, again)).decide(_facts(text="id 1 no 2"))
    assert verdict.fields == {"a": "1", "b": "1"}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"then": {"fields": {"a": "{id}"}}}, "placeholders that are filled: {customer}, {number}, {subject}"),
        ({"when": {"not": {"regex": "(?P<id>1)"}}, "then": {"fields": {"a": "{id}"}}}, "placeholders that are filled"),
        ({"then": {"tags": ["a"]}, "continue": "true", "stop": "true"}, "`continue: true` or `stop: true`, not both"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        _settings({"name": "r", **rule})


def test_a_rule_can_set_a_message_aside_with_a_cause() -> None:
    rules = Rules(_settings({"name": "spam", "when": {"automation": "bulk"}, "then": {"suspend": "bulk mail"}}))
    assert rules.decide(_facts(automation="bulk")).suspend == "bulk mail"
    assert rules.decide(_facts()).suspend == ""


def test_an_explanation_says_why_each_rule_matched_failed_or_was_not_reached() -> None:
    rules = Rules(
        _settings(
            {
                "name": "refund",
                "when": {"language": "en", "keywords": ["refund", "money back"]},
                "then": {"tags": ["refund"]},
                "continue": "true",
            },
            {"name": "form", "when": {"not": {"channel": ["mail", "sms"]}}, "then": {"queue": "night"}},
            {"name": "rest", "then": {"queue": "billing", "tags": ["refund", "rest"]}},
            {"name": "never", "then": {"tags": ["never"]}},
        )
    )
    refund, form, rest, never = rules.explain(_facts(language="en", text="My money-back guarantee: refund!")).rules
    assert (refund.outcome, refund.decided) == ("matched", {"tags": ("refund",)})
    assert refund.when is not None
    assert [(part.condition, part.held, part.expected, part.found) for part in refund.when.parts] == [
        ("language", True, "en", "en"),
        ("keywords", True, "refund, money back", "money back, refund"),
    ]
    assert (form.outcome, form.decided) == ("failed", {})
    assert form.when is not None
    assert (form.when.condition, form.when.held) == ("not", False)
    assert (form.when.parts[0].expected, form.when.parts[0].found) == ("mail, sms", "mail")
    assert (rest.outcome, rest.when, rest.decided) == ("matched", None, {"queue": "billing", "tags": ("rest",)})
    assert never.outcome == "not_reached"


_WORDS = ["refund", "возврат", "退款", "hello", "ORD-1042"]
_ASKED_ADDRESSES = ["a@x.test", "@x.test", "@*.test", "@*.x.test", "A@sub.X.test", "+372555"]
_ADDRESSES_THERE = ["a@x.test", "b@sub.x.test", "a@y.test", "+372555"]
_LEAVES = st.one_of(
    st.fixed_dictionaries({"channel": st.sampled_from(["mail", "http"])}),
    st.fixed_dictionaries({"language": st.lists(st.sampled_from(["en", "ru", "unknown"]), min_size=1)}),
    st.fixed_dictionaries({"keywords": st.lists(st.sampled_from([*_WORDS, "ref*"]), min_size=1)}),
    st.fixed_dictionaries({"subject_keywords": st.sampled_from(_WORDS)}),
    st.fixed_dictionaries({"regex": st.sampled_from([r"\bord-\d+\b", "^hello", "возврат"])}),
    st.fixed_dictionaries({"assurance_at_least": st.sampled_from(["A0", "A1", "A2"])}),
    st.fixed_dictionaries({"hours": st.fixed_dictionaries({"office": st.sampled_from(["open", "closed"])})}),
    st.fixed_dictionaries({"customer": st.fixed_dictionaries({"known": st.booleans()})}),
    st.fixed_dictionaries({"customer": st.fixed_dictionaries({"segment": st.sampled_from(["VIP", "gold"])})}),
    st.fixed_dictionaries({"sender": st.lists(st.sampled_from(_ASKED_ADDRESSES), min_size=1, max_size=2)}),
    st.fixed_dictionaries({"recipient": st.sampled_from(_ASKED_ADDRESSES)}),
    st.fixed_dictionaries({"attachments": st.booleans()}),
)
_CONDITIONS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=5,
)
_ACTIONS = st.fixed_dictionaries(
    {"tags": st.lists(st.sampled_from(["a", "b"]), min_size=1)},
    optional={
        "queue": st.sampled_from(["support", "billing"]),
        "priority": st.integers(1, 4),
        "suspend": st.just("cause"),
        "acknowledge": st.booleans(),
    },
)
_RULES = st.lists(
    st.fixed_dictionaries({"then": _ACTIONS, "continue": st.booleans()}, optional={"when": _CONDITIONS}), max_size=5
)
_FACTS = st.builds(
    Facts,
    channel=st.sampled_from(["mail", "http"]),
    subject=st.lists(st.sampled_from(_WORDS), max_size=2).map(" ".join),
    text=st.lists(st.sampled_from(_WORDS), max_size=4).map("\n".join),
    language=st.sampled_from(["en", "ru", "unknown"]),
    assurance=st.integers(0, 4),
    known_customer=st.booleans(),
    segment=st.sampled_from(["", "vip", "Gold"]),
    sender=st.sampled_from(_ADDRESSES_THERE),
    recipients=st.lists(st.sampled_from(_ADDRESSES_THERE), max_size=2),
    attachments=st.booleans(),
    at=st.sampled_from([NIGHT, DAY]),
)


@given(rules=_RULES, facts=_FACTS)
def test_an_explanation_is_the_decision_and_comes_out_the_same_again(rules: list[dict[str, Any]], facts: Facts) -> None:
    settings = _settings(*({"name": f"rule {number}", **rule} for number, rule in enumerate(rules)))
    compiled = Rules(settings)
    explanation = compiled.explain(facts)
    assert explanation.verdict == compiled.decide(facts)
    assert explanation == Rules(settings).explain(Facts.model_validate_json(facts.model_dump_json()))
    assert explanation.verdict.matched == tuple(rule.rule for rule in explanation.rules if rule.outcome == "matched")
    assert [rule.rule for rule in explanation.rules] == [rule.name for rule in settings.rules]


@given(when=_CONDITIONS, facts=_FACTS)
def test_a_trace_of_all_any_and_not_follows_from_its_parts(when: dict[str, Any], facts: Facts) -> None:
    (rule,) = Rules(_settings({"name": "r", "when": when, "then": {"tags": ["x"]}})).explain(facts).rules
    waiting = [rule.when]
    while waiting:
        trace = waiting.pop()
        assert trace is not None
        held = [part.held for part in trace.parts]
        if trace.parts:
            assert trace.held == {"all": all(held), "any": any(held), "not": not held[0]}[trace.condition]
        waiting.extend(trace.parts)


def test_of_ten_thousand_rules_only_those_are_tried_that_a_message_can_match(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: list[Callable[[int], dict[str, Any]]] = [
        lambda n: {"recipient": f"r{n}@desk.test"},
        lambda n: {"sender": f"@s{n}.test", "keywords": "help"},
        lambda n: {"keywords": [f"word{n}", f"two words{n}"], "channel": "mail"},
        lambda n: {"any": [{"customer": {"segment": f"c{n}"}}, {"sender": f"@*.d{n}.test"}]},
        lambda n: {"text_regex": f"order-{n}", "sender": f"c{n}@x.test"},
    ]
    rules = Rules(
        _settings(
            *(
                {"name": f"r{n}", "when": kinds[n % 5](n), "then": {"tags": [f"t{n}"]}, "continue": "true"}
                for n in range(10_000)
            )
        )
    )
    tried, matches = list[str](), _Rule.matches
    monkeypatch.setattr(_Rule, "matches", lambda rule, view: tried.append(rule.name) or matches(rule, view))
    facts = _facts(text="help: two words2, order-5004", sender="c5004@x.test", recipients=["r5@desk.test"])
    assert rules.decide(facts).matched == ("r2", "r5", "r5004")
    assert tried == ["r2", "r5", "r5004"]


def test_a_thousand_rules_look_at_a_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = Rules(
        _settings(*({"name": f"r{n}", "when": {"keywords": f"word{n}"}, "then": {"tags": ["x"]}} for n in range(1000)))
    )
    looked = []
    inside = type(rules._vocabulary).keywords_in
    monkeypatch.setattr(
        type(rules._vocabulary), "keywords_in", lambda self, text: looked.append(text) or inside(self, text)
    )
    assert rules.decide(_facts(subject="about", text="word999")).matched == ("r999",)
    assert looked == ["about", "word999"]


_ADDRESSES = ("sender", "recipient")


def _wants(name: str, value: str) -> dict[str, Any]:
    customers = {"segment": {"segment": value}, "plan": {"plan": value}}
    if name in customers:
        return {"customer": customers[name]}
    return {name: f"{value}@example.org" if name in _ADDRESSES else value}


@pytest.mark.parametrize("name", [*_ADDRESSES, "account", "segment", "plan"])
def test_a_thousand_rules_work_out_the_spelling_of_what_a_message_has_once(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    rules = Rules(
        _settings(*({"name": f"r{n}", "when": _wants(name, f"größe{n}"), "then": {"priority": 1}} for n in range(1000)))
    )
    spelled = list[str]()
    for module, spelling in ((conditions, "fold"), (condition, "fold"), (conditions, "normalise_address")):
        work = getattr(module, spelling)
        monkeypatch.setattr(module, spelling, lambda text, work=work: spelled.append(text) or work(text))
    written = "Größe999@Example.org" if name in _ADDRESSES else "Größe999"
    has = _facts(
        sender=written, recipients=[written], account=written, segment=written, customer_fields={"plan": written}
    )
    assert rules.decide(has).matched == ("r999",)
    assert spelled == [written]


def test_an_explanation_says_what_a_field_was_compared_with() -> None:
    when = {"customer": {"seats": {"at_least": "10", "less_than": "100"}, "renewal": {"next_days": "30"}}}
    rules = Rules(_settings({"name": "r", "when": when, "then": {"priority": 1}}))
    (rule,) = rules.explain(_facts(customer_fields={"seats": 12, "renewal": "2027-01-01"})).rules
    assert rule.when is not None
    assert [(each.condition, each.held, each.expected, each.found) for each in rule.when.parts] == [
        ("customer.seats", True, "less than 100", "12"),
        ("customer.seats", True, "at least 10", "12"),
        ("customer.renewal", False, "in the next 30 days", "2027-01-01"),
    ]
