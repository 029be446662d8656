"""One person: the customer records that links connect, and how they are read as one. Pure.

A record keeps what was learned of its own identities; it is never moved and never emptied. Two records are made one
person's by a link and parted by ending it. What holds between two records is what the last entry in the ledger of each
says of the other, and both have the same. So links may be made and ended in any number and order: who is one person
follows from the links that hold now, and from nothing else, and a record that was parted is what it would have been.

A person is known by the oldest of their records. What somebody wrote into any of them is the person's, the newest where
they differ (customer_values.py); of what was only learned from messages the oldest record's word comes first.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..config.errors import Conflict
from .customer_values import values_of_all
from .records import Customer

MOST_RECORDS = 50
"""Records of one person."""
MOST_LINKS = 500
"""Entries in the ledger of one record, but for those that end a link or a proposal."""

Entry = Mapping[str, Any]
Records = Mapping[str, Customer]


def relations(record: Customer) -> dict[str, Entry]:
    """What holds between a record and each other one: the last entry of the ledger, by the id of the other."""
    return {entry["customer"]: entry for entry in record.links if entry.get("customer")}


def is_linked(entry: Entry) -> bool:
    """Whether this entry makes two records one person's."""
    return entry.get("state") == "joined"


def members(records: Records, of: str) -> tuple[str, ...]:
    """The records of one person, the oldest first."""
    found, asked = {of}, [of]
    while asked:
        linked = {other for other, entry in relations(records[asked.pop()]).items() if is_linked(entry)}
        linked &= records.keys()
        asked += linked - found
        found |= linked
    return tuple(sorted(found))  # ids begin with the time at which they were made


def between(records: Records, one: str, other: str) -> list[Entry]:
    """What holds between any record of one person and any of another."""
    theirs = set(members(records, other))
    held = (pair for id_ in members(records, one) for pair in relations(records[id_]).items())
    return [entry for of, entry in held if of in theirs]


def is_full(record: Customer) -> bool:
    """Whether the ledger takes nothing more but what ends a link or a proposal."""
    return len(record.links) >= MOST_LINKS


def have_room(records: Records, one: str, other: str) -> bool:
    """Whether the two may become one person."""
    return len({*members(records, one), *members(records, other)}) <= MOST_RECORDS


def feed_data(records: Records, one: str, others: Sequence[str], actor: str) -> dict[str, Any]:
    """What the feed tells after decisions about a record and others: what holds now, and who the people are.

    The rest of the ledgers is left out: lines of the feed stay, and ledgers are long. So is what others named of them.
    """
    held = relations(records[one])
    people = {members(records, id_): None for id_ in (one, *others)}
    return {
        "record": one,
        "links": [held[other] for other in others],
        "people": [told_of(records[id_] for id_ in each) for each in people],
        "actor": actor,
    }


def told_of(records: Iterable[Customer]) -> dict[str, Any]:
    """The person with these records as a line of the feed tells of them."""
    return as_one(records).model_dump(mode="json", exclude={"links", "named"})


def related(records: Records, one: str, other: str, entry: Entry) -> dict[str, dict[str, Any]]:
    """The fields that change, by record, when this comes into the ledgers of both. Raises Conflict.

    `records` are all those of either person.
    """
    ends = other in relations(records[one]) and not is_linked(entry)
    if not ends and (is_full(records[one]) or is_full(records[other])):
        raise Conflict(f"the ledger of {one} or {other} is full")
    if is_linked(entry) and not have_room(records, one, other):
        raise Conflict(f"one person has at most {MOST_RECORDS} records")
    changed = dict(records)
    for id_, of, told in ((one, other, entry), (other, one, _turned(entry))):
        links = (*records[id_].links, {**told, "customer": of})
        changed[id_] = changed[id_].model_copy(update={"links": links})
    fields: dict[str, dict[str, Any]] = {id_: {"links": changed[id_].links} for id_ in (one, other)}
    for id_ in records:
        together = members(changed, id_)
        if (together if len(together) > 1 else ()) != records[id_].records:
            fields.setdefault(id_, {})["records"] = together if len(together) > 1 else ()
    return fields


def without(left: Records, gone: Collection[str], identities: Collection[str]) -> dict[str, dict[str, Any]]:
    """The fields that change on these records, by record, when others are gone that they may be linked to.

    `identities` are the keys of those that are gone with them.
    """
    after = {
        id_: each.model_copy(update={"links": tuple(link for link in each.links if link.get("customer") not in gone)})
        for id_, each in left.items()
    }
    fields = dict[str, dict[str, Any]]()
    for id_, before in left.items():
        together = members(after, id_)
        named = tuple(each for each in before.named if each.key not in identities)
        now = {"links": after[id_].links, "records": together if len(together) > 1 else (), "named": named}
        fields[id_] = {name: value for name, value in now.items() if value != getattr(before, name)}
    return fields


def _turned(entry: Entry) -> Entry:
    """The entry as it stands in the ledger of the other."""
    turned = {"identity": entry["with"], "with": entry["identity"]} if "with" in entry else {}
    return {**entry, **turned}


def as_one(records: Iterable[Customer]) -> Customer:
    """The person whose records these are. One record alone is its own person."""
    ordered = sorted(records, key=lambda each: each.id)
    first = ordered[0]
    if len(ordered) == 1:
        return first
    identities = {known.key: known for each in reversed(ordered) for known in each.identities}
    return first.model_copy(
        update={
            "identities": tuple(sorted(identities.values(), key=lambda known: known.since)),
            "names": tuple(dict.fromkeys(name for each in ordered for name in (*each.names, each.name) if name)),
            "named": tuple({each.key: each for record in ordered for each in record.named}.values()),
            **values_of_all(ordered),
            "links": _ledger(ordered),
            "records": tuple(each.id for each in ordered),
            "revision": sum(each.revision for each in ordered),
        }
    )


def _ledger(records: Sequence[Customer]) -> tuple[dict[str, Any], ...]:
    """The entries of all, each once and with the record that it stands on."""
    entries = ({**entry, "record": each.id} for each in records for entry in each.links)
    ours = {each.id for each in records}
    seen = (entry for entry in entries if entry.get("customer") not in ours or entry["record"] < entry["customer"])
    return tuple(sorted(seen, key=lambda entry: entry["at"]))
