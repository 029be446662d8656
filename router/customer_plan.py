"""What the filing of one message writes about people, worked out beforehand by pure functions.

Every identity has a record of its own, and the message goes on that of its first. Identities that it proves to be the
same person's (normalizer/same_person.py) and that were not known before are linked with the first, with the evidence,
so that a person can part them again (person.py). When two of them were known already, nothing is merged: both records
get a proposal, which a person decides, once. A claim changes no data of a record that there is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..normalizer.envelope import Assurance, Envelope, Identity
from ..normalizer.same_person import of_one_person
from ..queue.identifiers import new_id
from .person import Records, between, feed_data, have_room, is_full, members, related, relations
from .records import Customer, KnownIdentity
from .resolver import Resolution

MOST_PROPOSALS = 20
MOST_NAMES = 10

HOW = "control of both was proven in one message"
ACTOR = "router"


@dataclass(frozen=True, kw_only=True)
class RecordChange:
    """What changes on a record that was seen at this revision (0: it is new); nothing when it was only seen."""

    customer: str
    revision: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CustomerPlan:
    """On whose record the message goes, what changes on which, and what the feed tells of records now joined."""

    customer: str
    changes: Sequence[RecordChange] = ()
    register: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, Any] | None = None
    revision: int = 0  # of that record, afterwards


def plan_customer(envelope: Envelope, found: Resolution, now: int) -> CustomerPlan:
    """Work out what is written about people."""
    people = of_one_person(envelope.sender)
    if not people:
        return CustomerPlan(customer=new_id(now))
    known = {key: id_ for key, id_ in found.identities.items() if id_ in found.records}
    owners = {each.key: known.get(each.key) or new_id(now) for each in people}
    wrote, *others = dict.fromkeys(owners.values())
    told = _told(envelope, people, owners, found.records, now)
    identities = {owners[each.key]: each for each in reversed(people)}
    records = _related(told, wrote, others, identities, found.records, now)
    joined = [id_ for id_ in others if id_ in members(records, wrote) and id_ not in members(told, wrote)]
    changed = {id_: _next(each) for id_, each in records.items() if each != found.records.get(id_)}
    after = records | changed
    return CustomerPlan(
        customer=wrote,
        changes=[_change(found.records.get(id_), after[id_]) for id_ in dict.fromkeys((wrote, *changed))],
        register={key: id_ for key, id_ in owners.items() if key not in known},
        merged=feed_data(after, wrote, joined, ACTOR) if joined else None,
        revision=after[wrote].revision,
    )


def _told(
    envelope: Envelope, people: Sequence[Identity], owners: Mapping[str, str], known: Records, now: int
) -> dict[str, Customer]:
    """The records with what the message tells of each by itself: a new one, better proof, a name, a language."""
    records = dict(known)
    is_proven = people[0].assurance >= Assurance.CHANNEL
    for each in people:
        id_ = owners[each.key]
        if id_ not in known or is_proven:
            records[id_] = _with_proof(records.get(id_) or Customer(id=id_, created_at=now, revision=0), each, now)
    wrote = owners[people[0].key]
    if wrote not in known or is_proven:
        records[wrote] = _with_news(records[wrote], envelope.sender.name, envelope.language.code)
    return records


def _with_proof(record: Customer, identity: Identity, now: int) -> Customer:
    """The record with this identity as it is proven now, unless it was proven as well before."""
    others = tuple(each for each in record.identities if each.key != identity.key)
    proven = next((each.assurance for each in record.identities if each.key == identity.key), None)
    if proven is not None and proven >= identity.assurance:
        return record
    seen = KnownIdentity(**identity.model_dump(), since=now)
    return record.model_copy(update={"identities": (*others, seen)})


def _with_news(record: Customer, name: str, language: str) -> Customer:
    news: dict[str, Any] = {}
    if name and name not in record.names:
        news["names"] = (*record.names[1 - MOST_NAMES :], name)
    if language != "unknown":
        news["language"] = language
    return record.model_copy(update=news)


def _related(
    records: Records, wrote: str, others: Sequence[str], identities: Mapping[str, Identity], known: Records, now: int
) -> dict[str, Customer]:
    """The records with a link between the one that wrote and each that was not known before, and a proposal for others.

    Nothing is said where something holds already between the two people, such as that somebody keeps them apart.
    """
    records = dict(records)
    for other in others:
        if other in members(records, wrote) or between(records, wrote, other):
            continue
        were_known = [set(members(records, id_)) & known.keys() for id_ in (wrote, other)]
        state = "joined" if not all(were_known) and have_room(records, wrote, other) else "proposed"
        if all(_takes(records[id_], state) for id_ in (wrote, other)):
            fields = related(records, wrote, other, _entry(state, identities[wrote], identities[other], now))
            records |= {id_: records[id_].model_copy(update=each) for id_, each in fields.items()}
    return records


def _takes(record: Customer, state: str) -> bool:
    """Whether there is room in the ledger; a message without it is filed all the same."""
    proposals = sum(each["state"] == "proposed" for each in relations(record).values())
    return not is_full(record) and (state != "proposed" or proposals < MOST_PROPOSALS)


def _entry(state: str, one: Identity, other: Identity, now: int) -> Mapping[str, Any]:
    return {
        "kind": "merge",
        "state": state,
        "identity": other.key,
        "with": one.key,
        "evidence": "; ".join(dict.fromkeys((other.evidence, one.evidence))),
        "how": HOW,
        "at": now,
        "by": ACTOR,
    }


def _next(record: Customer) -> Customer:
    return record.model_copy(update={"revision": record.revision + 1})


def _change(before: Customer | None, after: Customer) -> RecordChange:
    if before is None:
        return RecordChange(customer=after.id, revision=0, fields=after.model_dump(mode="json", exclude_defaults=True))
    was, now = before.model_dump(mode="json"), after.model_dump(mode="json")
    changed = {name: value for name, value in now.items() if was[name] != value}
    return RecordChange(customer=after.id, revision=before.revision, fields=changed)
