"""What of a customer's record, and which fields of a ticket, people can write on the desk: as inputs of a form. Pure.

`changed` reads a form that was sent: only what says something else than the record does. Whoever wrote the same value
after the form was shown goes first (`overtaken`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...config.field_settings import CUSTOMER_FACTS, EXTERNAL_ID, Declared, FieldSettings, FieldType, label_of
from ...normalizer.field_values import text_of
from ...router.customer_values import NOTHING, values_of
from ...router.records import Customer, Ticket
from .happenings import who

ANOTHER_ID = "external_ids"
LABELS = {"time_zone": "Time zone"}


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input: its place in the record, how it is called, what it takes, and what is there."""

    place: str
    label: str
    type: FieldType
    options: Sequence[str]
    value: str
    chosen: Sequence[str] = ()
    is_long: bool = False
    hint: str = ""


def record_inputs(customer: Customer, declared: Declared) -> list[Input]:
    """Those of a customer's record."""
    values = values_of(customer)
    facts = [
        Input(
            place=name,
            label=LABELS.get(name, name.capitalize()),
            type="text",
            options=(),
            value=str(values.get(name, "")),
            is_long=name == "notes",
        )
        for name in CUSTOMER_FACTS
    ]
    own = [_own(f"fields.{name}", label_of(name, each), each, values) for name, each in declared.items()]
    return [*facts, *own, *_ids(customer)]


def _ids(customer: Customer) -> Iterator[Input]:
    """Their ids in other systems, and one more, which is written as `system: id`."""
    for system, id_ in customer.external_ids.items():
        yield Input(place=f"external_ids.{system}", label=system, type="text", options=(), value=id_)
    yield Input(
        place=ANOTHER_ID, label="Another id", type="text", options=(), value="", hint="its system and the id, crm: 4711"
    )


def ticket_inputs(ticket: Ticket, declared: Declared) -> list[Input]:
    """Those of a ticket's fields."""
    values = {f"fields.{name}": value for name, value in ticket.fields.items()}
    return [_own(f"fields.{name}", label_of(name, each), each, values) for name, each in declared.items()]


def _own(place: str, label: str, field: FieldSettings, values: Mapping[str, Any]) -> Input:
    value = values.get(place)
    chosen = value if isinstance(value, list) else ()
    return Input(place=place, label=label, type=field.type, options=field.options, value=text_of(value), chosen=chosen)


def shown_fields(fields: Mapping[str, Any], declared: Declared) -> dict[str, str]:
    """Values of declared fields, by what people call them."""
    return {label_of(name, each): text_of(fields[name]) for name, each in declared.items() if name in fields}


def newest_writing(customer: Customer) -> int:
    """When something was last written into the record; what a form was shown with."""
    return max((mark.at for mark in customer.written.values()), default=0)


def changed(inputs: Sequence[Input], form: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What the form says otherwise than the record, by place; None for what was emptied."""
    found = dict[str, Any]()
    for each in inputs:
        if each.place in form:
            given = [text.replace("\r\n", "\n").strip() for text in form[each.place] if text.strip()]
            if "; ".join(given) != each.value:
                found[each.place] = (given if each.type == "choices" else given[0]) if given else None
    if another := found.pop(ANOTHER_ID, None):
        system, _, id_ = map(str.strip, str(another).partition(":"))
        place = f"{ANOTHER_ID}.{system.lower()}"
        is_one = bool(id_) and re.fullmatch(EXTERNAL_ID, place)
        found |= {place: id_} if is_one else {ANOTHER_ID: another}
    return {place: NOTHING.get(place) if value is None else value for place, value in found.items()}


def overtaken(
    customer: Customer, changes: Mapping[str, Any], seen: int, names: Mapping[str, str], inputs: Sequence[Input]
) -> str:
    """Who else wrote one of these values since the form was shown, in a sentence; empty when nobody did."""
    labels = {each.place: each for each in inputs}
    for place in changes:
        mark = customer.written.get(place)
        if mark is not None and mark.at > seen:
            each = labels.get(place) or labels[ANOTHER_ID]
            return f"{each.label} is {each.value or 'empty'} now, by {who(mark.by, names)}; look at it and save again"
    return ""
