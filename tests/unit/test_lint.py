"""The linter tells what a configuration can hardly mean, each with its place."""

from textwrap import dedent

import pytest
from pydantic import BaseModel

from trunkline.config.lint import lint
from trunkline.config.loader import loads
from trunkline.config.section import Section


class _Channel(Section):
    pass


CHANNELS: dict[str, type[BaseModel]] = {"mail": _Channel, "http": _Channel}

DESK = """\
channels: { mail: {} }
queues: { support: { fallback: true }, billing: {} }
agents:
  ada: { name: Ada, queues: [support, billing], languages: [en], skills: [billing] }
"""
TO_BILLING = "  - { name: to billing, when: { recipient: billing@example.test }, then: { queue: billing } }\n"


def _findings(text: str) -> list[str]:
    return [str(finding) for finding in lint(loads(dedent(text), "desk.yaml", CHANNELS, {}))]


def _of_rules(*rules: str, desk: str = DESK) -> list[str]:
    return _findings(desk + "rules:\n" + TO_BILLING + "".join(f"  - {rule}\n" for rule in rules))


def test_a_sound_desk_has_no_findings() -> None:
    assert _of_rules() == []


def test_a_rule_of_a_later_stage_is_reached_unless_one_before_it_stops() -> None:
    all_first = "{{ name: all, stage: first, when: {{ channel: mail }}, then: {{ tags: [a] }}{} }}"
    later = "{ name: later, stage: second, when: { channel: mail, language: en }, then: { tags: [b] } }"
    assert _of_rules(all_first.format(""), later) == []
    (found,) = _of_rules(all_first.format(", stop: true"), later)
    assert 'the rule "later" is never reached' in found


def test_a_rule_that_asks_what_rules_before_it_decide_takes_nothing_for_sure() -> None:
    asks = "{ name: early, when: { tags: vip }, then: { priority: 1 } }"
    sets = "{ name: sets, when: { keywords: vip }, then: { tags: [vip] }, continue: true }"
    later = "{ name: late, when: { tags: vip }, then: { priority: 1 } }"
    assert _of_rules(asks, sets, later) == []


def test_a_queue_that_nobody_serves_is_an_error() -> None:
    assert _findings(
        """\
        channels: { mail: {} }
        queues:
          support: { fallback: true }
        agents:
          ada: { name: Ada, queues: [support], languages: [en], capacity: 0 }
        """
    ) == [
        "desk.yaml:3:12: error: nobody serves the queue support: what comes there is offered to nobody; "
        "name the queue in an agent's `queues`, or in those of a team with members"
    ]


def test_what_no_value_of_a_field_can_meet_is_an_error() -> None:
    fields = (
        "customer_fields: { plan: { type: choice, options: [free, pro] }, seats: { type: number } }\n"
        "ticket_fields: { day: { type: date } }\n"
    )
    rules = """\
rules:
  - { name: to billing, when: { recipient: billing@example.test }, then: { queue: billing } }
  - { name: a, when: { customer: { plan: [Pro, gold], seats: { before: 2026-01-01 } } }, then: { priority: 1 } }
  - { name: b, when: { any: [{ ticket: { day: { is: soon, next_days: 3 } } }] }, then: { priority: 1 } }
  - { name: c, when: { customer: { plan: { at_least: 3 }, seats: [12, many] } }, then: { priority: 1 } }
"""
    assert _findings(DESK + fields + rules) == [
        "desk.yaml:9:36: error: customer.plan never meets `is`: gold is never there; it can be free, pro",
        "desk.yaml:9:72: error: customer.seats never meets `before`: it is of the type number, of which can be asked "
        "is, empty, less_than, at_most, more_than, at_least",
        "desk.yaml:10:53: error: ticket.day never meets `is`: soon is never there; it can be a date such as 2026-11-29",
        "desk.yaml:11:54: error: customer.plan never meets `at_least`: it is of the type choice, of which can be asked "
        "is, empty",
        "desk.yaml:11:59: error: customer.seats never meets `is`: many is never there; it can be a number such as 12",
    ]


def test_a_queue_that_no_rule_reaches_is_told() -> None:
    assert _findings(DESK) == [
        "desk.yaml:2:49: warning: no rule sends anything to the queue billing; add a rule, or remove it"
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "{ name: late, when: { recipient: Billing@example.test, language: en }, then: { tags: [x] } }",
        "{ name: late, when: { all: [{ channel: mail }, { recipient: billing@example.test }] }, then: { tags: [x] } }",
    ],
)
def test_a_rule_behind_one_that_takes_everything_from_it_is_an_error(rule: str) -> None:
    assert _of_rules(rule) == [
        'desk.yaml:7:5: error: the rule "late" is never reached: "to billing" before it takes all that it would match; '
        "put it first, or let the other one `continue: true`"
    ]


def test_a_queue_that_opens_nothing_again_does_not_do_so_for_thanks_either() -> None:
    desk = DESK.replace("billing: {}", "billing: { reopen: { within: 0s, thanks: true } }")
    (finding,) = [each for each in _findings(desk + "rules:\n" + TO_BILLING) if "thanks" in each]
    assert finding.startswith("desk.yaml:2:")
    assert "nothing opens a solved ticket of billing again" in finding


def test_a_queue_whose_tickets_are_closed_before_they_may_be_opened_again_is_a_warning() -> None:
    desk = DESK.replace("billing: {}", "billing: { reopen: { within: 14d } }")
    (finding,) = [each for each in _findings(desk + "rules:\n" + TO_BILLING) if "within" in each]
    assert "tickets of billing are closed before `within` is over" in finding
    never = DESK.replace("billing: {}", "billing: { reopen: { within: 14d }, close_after: 0s }")
    assert not [each for each in _findings(never + "rules:\n" + TO_BILLING) if "within" in each]


def test_a_rule_behind_one_that_always_matches_is_an_error() -> None:
    (told,) = _of_rules(
        "{ name: all, then: { tags: [x] } }", "{ name: late, when: { channel: mail }, then: { tags: [y] } }"
    )
    assert told.startswith('desk.yaml:8:5: error: the rule "late" is never reached: "all" before it')


def test_a_rule_behind_one_that_continues_is_reached() -> None:
    rules = ("{ name: all, then: { tags: [x] }, continue: true }", "{ name: late, then: { tags: [y] } }")
    assert _of_rules(*rules) == []


def test_a_rule_that_can_never_match_is_an_error() -> None:
    (told,) = _of_rules("{ name: never, when: { language: en, not: { language: [en, es] } }, then: { tags: [x] } }")
    assert told == 'desk.yaml:7:5: error: the rule "never" can never match: its conditions exclude each other'


def test_a_channel_that_is_not_served_is_told() -> None:
    (told,) = _of_rules("{ name: r, when: { any: [{ channel: http }, { language: en }] }, then: { tags: [x] } }")
    assert told == "desk.yaml:7:32: warning: the channel http is not among the channels that are served"


def test_a_skill_that_nobody_has_is_an_error_unless_its_queue_may_wait() -> None:
    rule = "{ name: r, when: { language: en }, then: { require_skills: [billing@2] } }"
    (told,) = _of_rules(rule)
    assert told == (
        "desk.yaml:7:64: error: nobody in the queue support has all of billing@2: such a ticket is offered to nobody; "
        "give them to an agent, write `prefer_skills`, or set `may_wait` of support"
    )
    assert _of_rules(rule.replace("billing@2", "billing")) == []
    assert _of_rules(rule, desk=DESK.replace("fallback: true", "fallback: true, may_wait: true")) == []


def test_a_language_that_is_required_and_that_nobody_speaks_is_an_error() -> None:
    required = DESK.replace("fallback: true", "fallback: true, language: required")
    (told,) = _of_rules("{ name: r, when: { language: et }, then: { tags: [x] } }", desk=required)
    assert told == (
        "desk.yaml:7:24: error: nobody in the queue support speaks et, which the queue requires: such a ticket is "
        "offered to nobody; give it to an agent, or set `may_wait` of support"
    )


def test_a_language_that_nobody_speaks_is_told() -> None:
    (told,) = _of_rules("{ name: r, when: { language: [en, et, unknown] }, then: { queue: billing } }")
    assert told == "desk.yaml:7:39: warning: nobody in the queue billing speaks et"
    (told,) = _of_rules("{ name: r, when: { channel: mail }, then: { language: et } }")
    assert told == "desk.yaml:7:59: warning: nobody in the queue support speaks et"


def test_an_agent_without_a_language_is_told() -> None:
    (told,) = _findings(
        "channels: { mail: {} }\nqueues: { a: { fallback: true } }\nagents: { ada: { name: Ada, queues: [a] } }"
    )
    assert told.startswith("desk.yaml:3:16: warning: ada speaks no language")


def test_an_agent_who_can_never_take_a_ticket_of_a_channel_is_an_error() -> None:
    (told,) = _findings(
        """\
        channels: { mail: {} }
        handling: { mail: { weight: 3 } }
        queues: { a: { fallback: true } }
        agents: { ada: { name: Ada, queues: [a], languages: [en], capacity: 5, channel_capacity: { mail: 2 } } }
        """
    )
    assert told == (
        "desk.yaml:4:69: error: ada has a capacity of 2 and can never take a ticket of mail, which weighs 3; "
        "raise it, or set it to 0"
    )


def test_replicas_of_the_embedded_engine_are_an_error() -> None:
    (told,) = _findings(DESK + "rules:\n" + TO_BILLING + "durability: { replicas: 1 }\n")
    assert told == (
        "desk.yaml:7:25: error: the embedded engine has no replicas, so nothing would be accepted; set redis.url"
    )


def test_a_relaxed_embedded_engine_is_told() -> None:
    (told,) = _findings(DESK + "rules:\n" + TO_BILLING + "durability: relaxed\n")
    assert told.startswith("desk.yaml:7:13: warning: the embedded engine is always strict")


def test_a_desk_without_channels_is_told() -> None:
    (told,) = _findings(
        "queues: { a: { fallback: true } }\nagents: { ada: { name: Ada, queues: [a], languages: [en] } }\n"
    )
    assert told == "desk.yaml:1:1: warning: no channel is served, so nothing can come in"


def test_proxies_that_can_be_anybody_are_told() -> None:
    proxies = "listen: { trusted_proxies: [10.0.0.0/8, 192.0.2.7, 'fc00::/7', 0.0.0.0/1, '::/0'] }\n"
    assert _findings(DESK + "rules:\n" + TO_BILLING + proxies) == [
        f"desk.yaml:7:{column}: warning: {network} takes in strangers, who can then say that they are any other "
        "address; name the addresses of your own proxies"
        for column, network in ((64, "0.0.0.0/1"), (75, "::/0"))
    ]


def test_acknowledging_the_unproven_is_told_with_its_risk() -> None:
    desk = DESK + "rules:\n" + TO_BILLING
    (finding,) = _findings(desk + "acknowledgement: { to: unproven, unproven: { per_day: 50 } }\n")
    assert "makes us write to them, up to 50 times a day in all" in finding
    assert _findings(desk + "acknowledgement: { to: seen }\n") == []


def test_a_policy_that_an_earlier_one_leaves_nothing_is_an_error() -> None:
    first = "  - { name: some, when: { priority: [1, 2] }, targets: { first_response: 1h } }\n"
    second = "  - { name: one, when: { priority: 1, queue: support }, targets: { first_response: 2h } }\n"
    third = "  - { name: other, when: { priority: [2, 3] }, targets: { first_response: 2h } }\n"
    rules = "rules:\n" + TO_BILLING
    assert _findings(DESK + rules + "sla:\n" + first + second + third) == [
        'desk.yaml:9:5: error: the policy "one" never holds: "some" before it fits all that it would; '
        "put it first, or remove it"
    ]
    assert _findings(DESK + rules + "sla:\n" + second + first + third) == []
