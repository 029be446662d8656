"""What a message says for fields goes where the configuration says, or nowhere, which `check` tells."""

from textwrap import dedent

import pytest

from trunkline.config.errors import Misconfigured
from trunkline.config.field_settings import FieldSettings, OwnFields
from trunkline.config.loader import loads
from trunkline.gateway.channels import models
from trunkline.gateway.checking import check_settings
from trunkline.normalizer.envelope import Assurance, Envelope, Identity, Sender
from trunkline.router.mapped_fields import mapped_fields

TEXT = FieldSettings()
PLAN = FieldSettings(type="choice", options=("free", "pro"))
SEATS = FieldSettings(type="number")
OWN = OwnFields(customer={"plan": PLAN, "seats": SEATS, "both": TEXT}, ticket={"order": TEXT, "both": TEXT})


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("order", ("ticket", "order")),
        ("ticket.order", ("ticket", "order")),
        ("plan", ("customer", "fields.plan")),
        ("customer.plan", ("customer", "fields.plan")),
        ("company", ("customer", "company")),
        ("customer.language", ("customer", "language")),
        ("ticket.both", ("ticket", "both")),
        ("customer.both", ("customer", "fields.both")),
        ("external_ids.crm", ("customer", "external_ids.crm")),
        ("external_ids.CRM", None),
        ("both", None),
        ("customer.order", None),
        ("ticket.company", None),
        ("ordr", None),
    ],
)
def test_a_field_has_one_place_or_none(name: str, place: tuple[str, str] | None) -> None:
    assert OWN.place(name) == place


def message(assurance: Assurance, **fields: object) -> Envelope:
    identity = Identity(kind="email", value="maria@example.org", assurance=assurance)
    return Envelope(
        id="e",
        channel="http",
        account="shop",
        external_id="x",
        order="1",
        sender=Sender(identities=(identity,)),
        fields=fields,
        received_at=1,
        raw_id="r",
    )


def test_a_claim_fills_the_ticket_and_only_a_proven_sender_the_record() -> None:
    said = {"order": " A-17 ", "plan": "PRO", "customer.company": "Acme", "seats": "many", "language": "xx1", "x": 1}
    claimed = mapped_fields(message(Assurance.CLAIMED, **said), OWN)
    assert (claimed.ticket, claimed.customer, claimed.is_proven) == ({"order": "A-17"}, {}, False)
    proven = mapped_fields(message(Assurance.CHANNEL, **said), OWN)
    assert (proven.ticket, proven.customer) == ({"order": "A-17"}, {"fields.plan": "pro", "company": "Acme"})
    numbered = mapped_fields(message(Assurance.CHANNEL, **{"external_ids.crm": 4711, "external_ids.shop": True}), OWN)
    assert numbered.customer == {"external_ids.crm": "4711"}


def test_a_mapped_field_that_goes_nowhere_is_told_with_its_place_and_the_remedy() -> None:
    text = """\
        channels:
          http:
            shop:
              fields:
                message: text
                order: order.number
                ordr: order.no
                customer.plan: user.plan
                weather: sky
                company: user.company
                both: x
        queues: { support: { fallback: true } }
        agents: { ada: { name: Ada, queues: [support], languages: [en] } }
        customer_fields: { plan: {}, both: {} }
        ticket_fields: { order: {}, both: {} }
        """
    found = check_settings(loads(dedent(text), "desk.yaml", models(), {}))
    assert [str(each) for each in found.problems] == [
        "desk.yaml:7:15: warning: the field ordr goes nowhere; did you mean order? "
        "Else declare it under ticket_fields or customer_fields",
        "desk.yaml:9:18: warning: the field weather goes nowhere; declare it under ticket_fields or customer_fields",
        "desk.yaml:11:15: warning: the field both is the ticket's and the customer's; "
        "write ticket.both or customer.both",
    ]
    assert not found.wrong


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("{ plan: { type: choice } }", "options for choice and choices"),
        ("{ plan: { options: [a] } }", "options for choice and choices"),
        ("{ plan: { type: choice, options: [a, A] } }", "options that differ"),
        ("{ segment: {} }", "a name that does not mean something else"),
        ("{ Plan: {} }", "small letters"),
        ("{ plan: { type: money } }", "expected"),
    ],
)
def test_a_field_that_cannot_be_declared_is_refused_with_what_is_expected(declared: str, told: str) -> None:
    desk = f"queues: {{ support: {{ fallback: true }} }}\ncustomer_fields: {declared}\n"
    with pytest.raises(Misconfigured, match=told):
        loads(desk, "desk.yaml", {}, {})


def test_a_rule_that_asks_for_a_field_that_is_not_declared_names_the_nearest() -> None:
    desk = """\
        queues: { support: { fallback: true } }
        customer_fields: { plan: {} }
        ticket_fields: { order: {} }
        rules:
          - name: one
            when: { any: [{ customer: { plam: pro } }, { ticket: { plan: pro } }], customer: { company: Acme } }
            then: { priority: 1 }
            tests:
              - { given: { customer: { plna: pro }, ticket: { ordr: x } }, expect: { priority: 1 } }
        """
    with pytest.raises(Misconfigured) as refused:
        loads(dedent(desk), "desk.yaml", {}, {})
    assert [line.partition(": ")[2] for line in str(refused.value).splitlines()] == [
        'found the customer field "plam", expected a customer field that is configured (plan); did you mean plan?',
        'found the ticket field "plan", expected a ticket field that is configured (order); '
        "add the ticket field, or correct the name",
        'found the customer field "plna", expected a customer field that is configured (plan); did you mean plan?',
        'found the ticket field "ordr", expected a ticket field that is configured (order); did you mean order?',
    ]
