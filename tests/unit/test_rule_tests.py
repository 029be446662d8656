"""Rule tests stand in the configuration, and a failure names its line."""

from datetime import timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from trunkline.adapters.chat.settings import ChatSettings
from trunkline.adapters.http_source.settings import HttpSettings
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.loader import load, loads
from trunkline.config.rule_test_settings import GivenSettings
from trunkline.router.rule_tests import run_rule_tests

EXAMPLE = Path(__file__).parents[2] / "config" / "example.yaml"
CHANNELS = {"mail": MailSettings, "http": HttpSettings, "chat": ChatSettings}


def _failures(text: str) -> list[str]:
    desk = "queues: { support: { fallback: true }, billing: {} }\n"
    return [str(failure) for failure in run_rule_tests(loads(desk + dedent(text), "desk.yaml", CHANNELS, {}))]


def test_the_tests_of_the_example_pass() -> None:
    settings = load(EXAMPLE, CHANNELS, {})
    assert sum(len(rule.tests) for rule in settings.rules) + len(settings.rule_tests) == 7
    assert run_rule_tests(settings) == []


def test_a_failure_names_its_place_what_was_found_and_which_rules_matched() -> None:
    assert _failures(
        """\
        rules:
          - name: refunds go to billing
            when: { keywords: refund }
            then: { queue: billing, tags: [b, a] }
            tests:
              - name: a plain wish
                given: { text: refund please }
                expect: { queue: support, tags: [a, b], priority: 3 }
        rule_tests:
          - given: { subject: Hello, text: all is well }
            expect: { queue: billing, acknowledge: no, suspend: "" }
        """
    ) == [
        "desk.yaml:9:26: found queue billing, expected queue support (a plain wish); "
        "the rules that matched: refunds go to billing",
        "desk.yaml:12:22: found queue support, expected queue billing (Hello); no rule matched",
        "desk.yaml:12:44: found acknowledge true, expected acknowledge false (Hello); no rule matched",
    ]


def test_everything_that_can_be_given_reaches_the_rules() -> None:
    assert (
        _failures(
            """\
            channels:
              http: { shop: { fields: { message: text } } }
            calendars:
              office: { zone: Europe/Tallinn, hours: { monday-friday: 09:00-17:00 } }
            customer_fields: { plan: {} }
            ticket_fields: { order: {} }
            rules:
              - name: all of it
                when:
                  channel: http
                  account: shop
                  recipient: a@example.test
                  sender: b@example.test
                  subject_keywords: subject
                  text_keywords: text
                  language: et
                  assurance_at_least: A3
                  automation: bulk
                  customer: { known: true, segment: vip, company: Acme, plan: pro }
                  ticket: { order: A-17 }
                  hours: { office: closed }
                  attachments: true
                then: { queue: billing, language: en, suspend: why, prefer_skills: [a@2], require_skills: [b] }
                tests:
                  - given:
                      channel: http
                      account: shop
                      recipient: a@example.test
                      sender: b@example.test
                      subject: the subject
                      text: the text
                      language: et
                      assurance: A3
                      automation: bulk
                      customer: { segment: vip, company: acme, plan: pro }
                      ticket: { order: a-17 }
                      attachments: yes
                      at: 2026-11-23T17:00:00+02:00
                    expect:
                      queue: billing
                      language: en
                      suspend: why
                      prefer_skills: [a@2]
                      require_skills: [b]
                      rules: [all of it]
            """
        )
        == []
    )


def test_the_account_is_the_first_recipient_unless_it_is_given() -> None:
    assert (
        _failures(
            """\
            rules:
              - name: r
                when: { account: a@example.test }
                then: { queue: billing }
                tests:
                  - { given: { recipient: [a@example.test, b@example.test] }, expect: { queue: billing } }
                  - { given: { recipient: [b@example.test, a@example.test] }, expect: { queue: support } }
            """
        )
        == []
    )


def test_fields_are_given_in_their_types_and_what_is_none_is_told() -> None:
    rules = """\
        customer_fields: { seats: { type: number }, since: { type: date } }
        rules:
          - name: large
            when: { customer: { seats: { at_least: 100 }, since: { last_days: 30 } } }
            then: { queue: billing }
            tests:
              - given: { customer: { seats: 250, since: 20.12.2025 } }
                expect: { queue: billing }
              - given: { customer: { seats: 99, since: 2025-12-20 } }
                expect: { queue: support }
              - given: { customer: { seats: many } }
                expect: { queue: support }
        """
    assert _failures(rules) == [
        "desk.yaml:12:16: found seats many, expected a number such as 12 or 12.5 (the test's message); no rule matched"
    ]


DAYS = """\
    customer_fields: { renewal: { type: date } }
    ticket_fields: { due: { type: date } }
    calendars: { office: { zone: UTC, hours: { monday-friday: 09:00-17:00 } } }
    rules:
      - name: in time
        when: %s
        then: { queue: billing }
    rule_tests:
      - { name: usual, given: { text: hello }, expect: { tags: [x] } }
      - { name: given, given: { at: 2026-03-02T00:30:00+02:00 }, expect: { tags: [x] } }
    """


@pytest.mark.parametrize(
    "when",
    [
        "{ customer: { renewal: { next_days: 30 } } }",
        "{ any: [{ not: { ticket: { due: { last_days: 0 } } } }, { channel: chat }] }",
        "{ all: [{ hours: { office: closed } }] }",
    ],
)
def test_where_days_or_hours_matter_a_failure_says_when_the_message_came(when: str) -> None:
    usual, given = _failures(DAYS % when)
    assert usual.endswith("; the message came 2026-01-07 12:00 UTC (`at`)")
    assert given.endswith("; the message came 2026-03-01 22:30 UTC (`at`)")


@pytest.mark.parametrize("when", ["{ customer: { renewal: { before: 2026-01-01 } } }", "{ channel: chat }"])
def test_where_neither_matters_it_says_nothing_of_the_time(when: str) -> None:
    assert not any("the message came" in failure for failure in _failures(DAYS % when))


def test_what_the_published_schema_says_of_the_usual_time_is_so() -> None:
    usual = GivenSettings().at
    assert f"noon UTC on {usual:%A, %Y-%m-%d}" in (GivenSettings.model_fields["at"].description or "")
    assert (usual.hour, usual.utcoffset()) == (12, timedelta())
