"""The values of a customer's record that can be written: facts, ids in other systems, fields of one's own. Pure.

Each has a place: `segment`, `external_ids.crm`, `fields.plan`. Changes are values by place; None empties. A record
keeps who wrote each value and when, also of one that was emptied, because a person can have several records: there the
newest writing holds, place by place, wherever it stands. So a write goes into one record, the one that was named, and
when the records are parted each has what was written into it and nothing else. Only an id in another system that a
record of the person has already stays there, because no two records have one.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..config.field_settings import CUSTOMER_FACTS, EXTERNAL_ID, Declared
from ..normalizer.field_values import NoValue, read_external_id, read_fact
from .own_fields import read_each, read_field
from .records import Customer, Written

Changes = Mapping[str, Any]
"""Values by place; None empties it."""

NOTHING: Mapping[str, Any] = {name: "unknown" if name == "language" else "" for name in CUSTOMER_FACTS}
"""What stands for no value."""
MOST_EXTERNAL_IDS = 20


def values_of(record: Customer) -> dict[str, Any]:
    """The values that there are, by place."""
    facts = {name: getattr(record, name) for name in CUSTOMER_FACTS}
    found = {name: value for name, value in facts.items() if value != NOTHING[name]}
    found |= {f"external_ids.{system}": value for system, value in record.external_ids.items()}
    return found | {f"fields.{name}": value for name, value in record.fields.items()}


def with_values(record: Customer, changes: Changes, *, by: str, at: int) -> Customer:
    """The record after this was written."""
    values = {place: value for place, value in {**values_of(record), **changes}.items() if value is not None}
    written = record.written | {place: Written(at=at, by=by) for place in changes}
    return record.model_copy(update={**_as_fields(values), "written": written})


def after_all(records: Collection[Customer], places: Iterable[str], now: int) -> int:
    """When something is written that is to be newer than what any of these records has in these places."""
    marks = [each.written[place].at for place in places for each in records if place in each.written]
    return max(now, *(at + 1 for at in marks)) if marks else now


def values_of_all(records: Sequence[Customer]) -> dict[str, Any]:
    """The fields of a person with these records, the oldest first."""
    values, holders = dict[str, Any](), dict[str, Customer]()
    for record in records:
        values = values_of(record) | values
        for place, mark in record.written.items():
            if place not in holders or mark.at >= holders[place].written[place].at:
                holders[place] = record
    values |= {place: values_of(record).get(place) for place, record in holders.items()}
    present = {place: value for place, value in values.items() if value is not None}
    return {**_as_fields(present), "written": {place: holders[place].written[place] for place in sorted(holders)}}


def _as_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: values.get(name, NOTHING[name]) for name in CUSTOMER_FACTS}
    for group in ("external_ids", "fields"):
        fields[group] = {name: values[f"{group}.{name}"] for name in sorted(_names(values, group))}
    return fields


def _names(values: Mapping[str, Any], group: str) -> Iterator[str]:
    return (place.removeprefix(f"{group}.") for place in values if place.startswith(f"{group}."))


def differing(record: Customer, person: Customer, changes: Changes) -> dict[str, Any]:
    """The changes that change something: in the record they are written to, or in what is read of the person.

    An id in another system stays with the record of theirs that has it.
    """
    own, seen = values_of(record), values_of(person)
    return {
        place: value
        for place, value in changes.items()
        if value != seen.get(place) or (value != own.get(place) and not place.startswith("external_ids."))
    }


def ids_in(values: Changes) -> list[str]:
    """The ids in other systems among values, as the keys under which their owners are kept."""
    given = ((place.partition(".")[2], value) for place, value in values.items() if place.startswith("external_ids."))
    return [f"external:{system}:{id_}" for system, id_ in given if id_ is not None]


def holders(changes: Changes, owners: Mapping[str, str], record: str) -> Mapping[str, str]:
    """The record that has each id in another system among the changes, by place, where it is not this one."""
    held = {place: owners.get(key, "") for place in changes for key in ids_in({place: changes[place]})}
    return {place: owner for place, owner in held.items() if owner not in ("", record)}


def without_taken(changes: Changes, owners: Mapping[str, str], record: str) -> dict[str, Any]:
    """The changes without ids in other systems that another record has, of whichever person."""
    taken = holders(changes, owners, record)
    return {place: value for place, value in changes.items() if place not in taken}


def registered(record: Customer | None, customer: str, news: Changes, owners: Mapping[str, str]) -> Mapping[str, str]:
    """Whose the ids in other systems are after this was written; '' for one that is nobody's any more."""
    held = values_of(record) if record else {}
    gone = ids_in({place: held[place] for place in news if place in held})
    return {**dict.fromkeys(gone, ""), **{key: customer for key in ids_in(news) if not owners.get(key)}}


def checked(given: Mapping[str, object], declared: Declared) -> tuple[dict[str, Any], dict[str, str]]:
    """The changes among what somebody says, by place, and by place what is wrong with the others."""
    return read_each(given, lambda place, value: _read(place, value, declared))


def _read(place: str, value: object, declared: Declared) -> Any:
    group, _, name = place.partition(".")
    if group == "fields":
        return read_field(name, value, declared, "customer")
    if value is None:
        return None
    if group == "external_ids":
        if not re.fullmatch(EXTERNAL_ID, place):
            raise NoValue("the name of the system in small letters, digits, - and _, and the id: crm: 4711")
        return read_external_id(value)
    read = read_fact(place, value)
    return None if read == NOTHING[place] else read
