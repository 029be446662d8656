"""`check` warns of rules and triggers that ask for an address to which nothing comes."""

import pytest

from trunkline.config.loader import loads
from trunkline.gateway.channels import models
from trunkline.gateway.unheard_recipients import unheard_recipients

DESK = """\
channels:
  mail: { addresses: [help@example.org, Bills@Example.org], forwarding: { info@old.example: help@example.org } }
  twilio: { support: { sid: AC0123456789abcdef0123456789abcdef, address: https://desk.example.com } }
queues: { support: { fallback: true } }
agents: { ada: { name: Ada, queues: [support] } }
"""


def told(recipient: str, kind: str = "rules", more: str = "") -> list[str]:
    text = f"{DESK}{kind}:\n  - {{ name: r, {more}when: {{ recipient: {recipient} }}, then: {{ tags: [x] }} }}\n"
    return [str(each) for each in unheard_recipients(loads(text, "desk.yaml", models(), {}))]


@pytest.mark.parametrize(
    "heard",
    [
        *("help@example.org", "BILLS@example.org", "info@old.example", "'@example.org'", "'@*.example'"),
        *('"+4930901820"', "form", "[help@example.org, bills@example.org]"),
    ],
)
def test_an_address_that_mail_is_taken_for_or_forwarded_from_and_whatever_is_no_mail_address_is_not_warned_of(
    heard: str,
) -> None:
    assert told(heard) == []


def test_an_address_that_nothing_comes_to_is_warned_of_with_its_place_and_the_nearest() -> None:
    assert told("sales@shop.test") == [
        "desk.yaml:7:24: warning: nothing comes that is for sales@shop.test: no channel takes it; "
        "add it to `addresses` of the mail channel, or correct it"
    ]
    (near,) = told("[help@example.org, bill@example.org]")
    assert near.endswith("for bill@example.org: no channel takes it; did you mean bills@example.org?")
    assert len(told("'@example.com'")) == len(told("'@*.example.org'")) == 1


def test_a_trigger_is_looked_at_like_a_rule() -> None:
    assert len(told("billing@example.test", "triggers", "event: arrival, ")) == 1
