"""What docs/adding.md says must be written down in several places is written down in all of them."""

import ast
import inspect
import re
from dataclasses import fields
from typing import get_args

import pytest

from trunkline.config.errors import Misconfigured
from trunkline.config.rule_settings import ConditionSettings
from trunkline.config.rule_test_settings import GivenSettings
from trunkline.desk.ticket_models import TicketPatch
from trunkline.desk.views.happenings import FIELDS
from trunkline.desk.views.labels import PARKING, PRIORITIES
from trunkline.gateway.assembly import Assembly
from trunkline.gateway.configuration import configure_or_built_in
from trunkline.gateway.services import services_of
from trunkline.router import life_cycle, placement, rule_tests
from trunkline.router.condition import Condition
from trunkline.router.conditions import compile_condition
from trunkline.router.facts import Facts
from trunkline.router.life_cycle import ACTIVE, FINISHED, MOVES, PARKED
from trunkline.router.records import Status, Ticket
from trunkline.router.ticket_requests import TicketChanges
from trunkline.router.vocabulary import Vocabulary

from .test_layout import ROOT, modules

CHANGEABLE = {each.name for each in fields(TicketChanges)}


def test_a_field_that_can_be_changed_is_one_of_the_ticket_the_api_takes_it_and_the_history_has_words_for_it() -> None:
    assert set(Ticket.model_fields) >= CHANGEABLE
    assert set(TicketPatch.model_fields) == CHANGEABLE
    assert set(FIELDS) == CHANGEABLE - {"status", "resolution", "queue"}  # which have sentences of their own


def test_every_status_has_moves_a_meaning_for_whoever_has_the_ticket_and_a_line_in_the_documentation() -> None:
    assert list(MOVES) == list(get_args(Status))
    assert all(status in moves and moves <= set(MOVES) for status, moves in MOVES.items())
    assert not ACTIVE & FINISHED
    assert set(MOVES) >= ACTIVE | FINISHED
    documented = (ROOT / "docs" / "life_cycle.md").read_text(encoding="utf-8")
    assert [status for status in MOVES if f"\n| {status} |" not in documented] == []
    manual = life_cycle.__doc__ or ""
    assert [status for status in MOVES if f"\n    {status} " not in manual] == []


def test_a_status_in_which_a_ticket_is_parked_has_a_button() -> None:
    assert set(PARKING) == set(PARKED)
    assert list(PRIORITIES) == [1, 2, 3, 4]


SAMPLES = {
    "channel": "mail",
    "account": "desk",
    "recipient": "a@example.test",
    "sender": "@example.org",
    "keywords": "refund",
    "subject_keywords": "refund",
    "text_keywords": "refund",
    "regex": "a+",
    "subject_regex": "a+",
    "text_regex": "a+",
    "language": "en",
    "assurance_at_least": "A2",
    "automation": "none",
    "came_as": "comment",
    "customer": {"known": True},
    "spam": {"verdict": "spam", "score": 5},
    "says": "resolved",
    "ticket": {"order": "17"},
    "hours": {"office": "open"},
    "attachments": True,
    "attachment": {"type": "image/*", "name": "*.png", "at_least": "1KiB", "at_most": "5MiB"},
    "counts": {"words": {"less_than": 4}},
    "history": {"tickets": {"at_least": 3}},
    "status": "pending",
    "queue": "billing",
    "priority": [1, 2],
    "tags": ["vip"],
    "assignee": "none",
    "in_status_for": "3d",
    "by": "customer",
    "any": [{"channel": "mail"}, {"language": "en"}],
    "all": [{"channel": "mail"}, {"language": "en"}],
    "not": {"channel": "mail"},
}


def names_within(condition: Condition) -> set[str]:
    return {condition.name}.union(*map(names_within, condition.parts))


def test_every_condition_of_the_settings_has_a_sample_here() -> None:
    assert {field.alias or name for name, field in ConditionSettings.model_fields.items()} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_condition_that_the_settings_take_is_compiled_to_one_of_its_name(name: str) -> None:
    compiled = compile_condition(ConditionSettings.model_validate({name: SAMPLES[name]}), Vocabulary())
    assert any(each.partition(".")[0] == name for each in names_within(compiled))


def given_facts(function: object) -> set[str]:
    """The names with which a function calls `Facts`."""
    tree = ast.parse(inspect.getsource(function))  # type: ignore[arg-type]
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    return {keyword.arg or "" for call in calls if call.func.id == "Facts" for keyword in call.keywords}  # type: ignore[attr-defined]


def test_every_fact_that_rules_can_ask_for_is_taken_from_a_message_and_from_the_message_of_a_rule_test() -> None:
    assert given_facts(placement.facts_of) == set(Facts.model_fields)
    assert given_facts(rule_tests.facts_given) == set(Facts.model_fields)
    of_record = {"known_customer", "segment", "company", "customer_fields", "ticket_fields"}
    assert set(GivenSettings.model_fields) >= set(Facts.model_fields) - of_record - {"says", "recipients", "spam_score"}


def test_every_follower_of_the_feed_is_named_in_the_assembly() -> None:
    calls = [
        call
        for path in modules()
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "FeedPlace"
    ]
    names = [[*call.args[1:2], *(word.value for word in call.keywords if word.arg == "name")] for call in calls]
    made = [name.value for (name,) in names if isinstance(name, ast.Constant)]
    assert len(made) == len(calls), 'a follower\'s name is written where its place is made: FeedPlace(engine, "name")'
    assert sorted(made) == sorted(parts().followers)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("outbox", "a work queue and a follower of the feed are both called outbox"),
        ("board", "a follower of the feed and a follower of the feed are both called board"),
        ("crm-2", "'crm-2' cannot name a queue or a follower"),
    ],
)
def test_no_process_starts_with_a_follower_whose_dead_letters_would_be_mistaken(name: str, told: str) -> None:
    assembly = parts()
    assembly.counters.follower.place.name = name
    for role in ("serve", "web", "worker"):
        with pytest.raises(Misconfigured, match=re.escape(told)):
            services_of(role, assembly)


def parts() -> Assembly:
    """Those of one process, attached to nothing."""
    return Assembly(configure_or_built_in(None, {}), "redis://127.0.0.1")
