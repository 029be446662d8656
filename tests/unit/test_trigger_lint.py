"""The linter tells of triggers that never fire or undo each other, and of steps that cannot be taken."""

import pytest
from pydantic import BaseModel

from trunkline.config.lint import lint
from trunkline.config.loader import loads
from trunkline.config.section import Section


class _Channel(Section):
    pass


CHANNELS: dict[str, type[BaseModel]] = {"mail": _Channel}
DESK = """\
channels: { mail: {} }
queues: { support: { fallback: true }, billing: { close_after: 3d } }
agents:
  ada: { name: Ada, queues: [support, billing], languages: [en], skills: { billing: 2 } }
  bob: { name: Bob, queues: [support], languages: [en], capacity: 0 }
rules:
  - { name: to billing, when: { recipient: billing@example.test }, then: { queue: billing } }
"""


def _found(*triggers: str, macros: str = "{}") -> list[str]:
    text = f"{DESK}triggers:\n" + "".join(f"  - {each}\n" for each in triggers) + f"macros: {macros}\n"
    return [
        f"{finding.position.line} {finding.level}: {finding.message}"
        for finding in lint(loads(text, "desk.yaml", CHANNELS, {}))
    ]


NEVER: list[tuple[list[str], str]] = [
    (
        ["{ name: a, event: message, when: { all: [{ language: en }, { language: de }] }, then: { tags: [x] } }"],
        '9 error: the trigger "a" never fires: its conditions exclude each other',
    ),
    (
        ["{ name: a, in: pending, after: 1d, when: { status: open }, then: { tags: [x] } }"],
        '9 error: the trigger "a" never fires: it asks for the status open while it is pending',
    ),
    (
        ["{ name: a, in: solved, after: 4d, when: { queue: billing }, then: { tags: [x] } }"],
        '9 error: the trigger "a" never fires: a solved ticket is closed after 3d',
    ),
    (
        [
            "{ name: a, in: pending, after: 7d, when: { language: en }, then: { tags: [x] } }",
            "{ name: b, in: [pending, on_hold], after: 5d, then: { status: solved } }",
        ],
        '9 error: the trigger "a" never fires: "b" has ended the status after 5d',
    ),
    (
        ["{ name: a, in: closed, after: 1d, then: { status: open } }"],
        "9 error: a closed ticket stays closed, so it cannot be moved",
    ),
]


@pytest.mark.parametrize(("triggers", "told"), NEVER)
def test_a_trigger_that_never_fires_is_an_error(triggers: list[str], told: str) -> None:
    assert _found(*triggers) == [told]


def test_times_that_some_ticket_reaches_are_sound() -> None:
    assert (
        _found(
            "{ name: a, in: solved, after: 4d, then: { tags: [x] } }",
            "{ name: b, in: pending, after: 7d, then: { status: solved } }",
            "{ name: c, in: pending, after: 5d, when: { language: en }, then: { status: solved } }",
            "{ name: d, in: pending, after: 6d, when: { language: de }, then: { tags: [x] } }",
        )
        == []
    )


def test_triggers_that_set_each_other_off_are_told_unless_they_exclude_each_other() -> None:
    there = "{{ name: there, event: queue, when: {{ queue: support{} }}, then: {{ queue: billing }} }}"
    back = "{{ name: back, event: queue, when: {{ queue: billing{} }}, then: {{ queue: support }} }}"
    assert _found(there.format(""), back.format("")) == [
        '10 warning: the triggers "there" and "back" set each other off: queue billing, queue support'
    ]
    assert _found(there.format(", language: en"), back.format(", language: de")) == []
    assert (
        _found(there.format(""), "{ name: on, event: queue, when: { queue: support }, then: { queue: billing } }") == []
    )
    first = "{ name: up, event: changed, then: { priority: 1 } }"
    assert _found(first, "{ name: down, event: changed, then: { priority: 4 } }") == [
        '10 warning: the triggers "up" and "down" set each other off: priority 1, priority 4'
    ]


STEPS = [
    ("{ assignee: bob }", "bob has a capacity of 0, so never room for it"),
    ("{ status: new }", "no ticket becomes new again"),
    ("{ notify: { agents: [ada], text: x } }", "nobody is told, for no address is known of ada"),
    ("{ tags: [a, b], remove_tags: [b] }", "the tag b is added and taken away"),
    (
        "{ queue: billing, require_skills: [billing@3] }",
        "nobody in billing has all of billing@3: such a ticket is offered to nobody",
    ),
]


@pytest.mark.parametrize(("then", "told"), STEPS)
def test_a_step_that_cannot_be_taken_is_an_error_in_triggers_and_in_macros(then: str, told: str) -> None:
    assert _found(f"{{ name: a, event: message, then: {then} }}") == [f"9 error: {told}"]
    assert _found("{ name: a, event: note, then: { tags: [a] } }", macros=f"{{ m: {{ then: {then} }} }}") == [
        f"10 error: {told}"
    ]


def test_a_queue_that_only_a_trigger_or_a_macro_sends_to_is_reached() -> None:
    text = DESK.replace("billing@example.test }, then: { queue: billing }", "x@example.test }, then: { tags: [x] }")
    macro = "macros: { m: { then: { queue: billing } } }\n"
    found = [[each.message for each in lint(loads(desk, "desk.yaml", CHANNELS, {}))] for desk in (text, text + macro)]
    assert found == [["no rule sends anything to the queue billing"], []]
