"""What is written about people when a message is filed, or a directory is read, worked out beforehand. Pure.

Every identity has a record of its own, and the message goes on that of its first. Identities that it proves to be the
same person's (normalizer/same_person.py) and that were not known before are linked with the first, with the evidence,
so that a person can part them again (person.py). When two of them were known already, nothing is merged: both records
get a proposal (proposals.py), and so they do on other grounds; unless somebody had asked for the proof
(proof_requests.py), or saw the visitor of a chat sign in (adapters/chat/signing_in.py), which joins them. A claim
changes no data of a record that there is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..normalizer.envelope import Assurance, Envelope, Identity
from ..normalizer.same_person import named_beside, of_one_person
from ..queue.identifiers import new_id
from .customer_values import Changes, after_all, differing, registered, values_of, with_values, without_taken
from .person import Records, between, feed_data, have_room, is_full, members, related, relations, told_of
from .proof_request import ProofRequest
from .proposals import GREATEST, Ground, with_proposals
from .record_changes import RecordChange, at_next_revision
from .records import Customer, KnownIdentity
from .resolver import Resolution
from .standing import sees

MOST_NAMES = 10
MOST_NAMED = 8

HOW = "control of both was proven in one message"
ACTOR = "router"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told of one person: by a message, or by somebody who writes it down."""

    people: Sequence[Identity]
    """Identities of theirs, the first of the record that is told of, unless `record` names another."""
    record: str = ""
    named: Sequence[Identity] = ()
    """What a signed source names as theirs too."""
    name: str = ""
    language: str = "unknown"
    values: Changes = field(default_factory=dict)
    writer: str = ""
    """Who says the values, if not whoever says the rest."""
    is_proven: bool
    seen: bool | None = None
    """Whether the first of `people` is seen now (standing.py); None: as it was."""
    by: str = ACTOR
    how: str = HOW
    signed_in: bool = False
    """Whether the first was seen to sign in as the others: nobody's record is joined with one that is known too."""
    asked: ProofRequest | None = None
    """What somebody asked to be proven, who wants people that are known to be joined by it too."""
    grounds: Sequence[Ground] = ()
    full: Collection[int] = ()
    """The weights of grounds of which nothing more is proposed today."""


@dataclass(frozen=True, kw_only=True)
class CustomerPlan:
    """Which record is told of, what changes on which, and what the feed tells of it, by kind of event."""

    customer: str
    changes: Sequence[RecordChange] = ()
    register: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    revision: int = 0  # of that record, afterwards


def plan_customer(
    envelope: Envelope,
    found: Resolution,
    now: int,
    values: Changes = MappingProxyType({}),
    asked: ProofRequest | None = None,
) -> CustomerPlan:
    """Work out what a message writes about people, with the values that it says for the record of who wrote.

    `asked`: the request for a proof that the message fulfils.
    """
    people = of_one_person(envelope.sender)
    if not people:
        return CustomerPlan(customer=new_id(now))
    record = found.records.get(found.identities[people[0].key])
    own = without_taken(values, found.identities, record.id if record else "")
    told = Told(
        people=people,
        values=differing(record, found.person or record, own) if record else own,
        writer=f"source:{envelope.account}",
        name=envelope.sender.name,
        language=envelope.language.code,
        is_proven=people[0].assurance >= Assurance.CHANNEL,
        signed_in=envelope.sender.signed_in,
        asked=asked,
        named=named_beside(envelope.sender),
        grounds=found.grounds,
        full=found.full,
        seen=sees(envelope),
    )
    return plan_person(told, found.identities, found.records, now)


def plan_person(told: Told, owned: Mapping[str, str], known: Records, now: int) -> CustomerPlan:
    """Work out what is written, given which record has which identity, and all records of these people."""
    found = {key: id_ for key, id_ in owned.items() if id_ in known}
    owners = {each.key: found.get(each.key) or new_id(now) for each in told.people}
    wrote, *others = dict.fromkeys(filter(None, (told.record, *owners.values()))) or (new_id(now),)
    news = _told(told, wrote, owners, known, now)
    identities = {owners[each.key]: each for each in reversed(told.people)}
    records = _proposed(
        told, _linked(told, news, wrote, others, identities, known, now), wrote, others, identities, now
    )
    joined = [id_ for id_ in others if id_ in members(records, wrote) and id_ not in members(news, wrote)]
    changed = {id_: at_next_revision(each) for id_, each in records.items() if each != known.get(id_)}
    after = records | changed
    return CustomerPlan(
        customer=wrote,
        changes=[RecordChange.between(known.get(id_), after[id_]) for id_ in dict.fromkeys((wrote, *changed))],
        register={each.key: owners[each.key] for each in told.people if each.key not in found}
        | dict(registered(known.get(wrote), wrote, told.values, found)),
        events=_events(told, known, after, wrote, joined),
        revision=after[wrote].revision,
    )


def _events(
    told: Told, known: Records, after: Records, wrote: str, joined: Sequence[str]
) -> Mapping[str, Mapping[str, Any]]:
    events: dict[str, Mapping[str, Any]] = {}
    if joined:
        events["customer.merged"] = feed_data(after, wrote, joined, told.by)
    before = relations(known[wrote]) if wrote in known else {}
    held = relations(after[wrote]).items()
    if proposed := [id_ for id_, each in held if each.get("state") == "proposed" and each != before.get(id_)]:
        events["customer.proposed"] = feed_data(after, wrote, proposed, told.by)
    if told.by != ACTOR and wrote not in known:
        events["customer.created"] = update_data(None, after, wrote, told.values, told.by)
    elif told.values:
        events["customer.updated"] = update_data(known.get(wrote), after, wrote, told.values, told.writer or told.by)
    return events


def update_data(
    before: Customer | None, after: Records, record: str, places: Iterable[str], actor: str
) -> dict[str, Any]:
    """What the feed tells of values that were written into a record."""
    was, now = values_of(before) if before else {}, values_of(after[record])
    return {
        "record": record,
        "changes": {place: [was.get(place), now.get(place)] for place in sorted(places)},
        "person": told_of(after[id_] for id_ in members(after, record)),
        "actor": actor,
    }


def _told(told: Told, wrote: str, owners: Mapping[str, str], known: Records, now: int) -> dict[str, Customer]:
    """The records with what is told of each by itself: a new one, better proof, a name, a language, values."""
    records = dict(known)
    for each in told.people:
        id_ = owners[each.key]
        if id_ not in known or told.is_proven:
            records[id_] = _with_proof(records.get(id_) or Customer(id=id_, created_at=now, revision=0), each, now)
    if told.people and told.seen is not None:
        owner = owners[told.people[0].key]
        records[owner] = _seen(records[owner], told.people[0].key, now if told.seen else None)
    if wrote not in known or told.is_proven:
        record = _with_news(records.get(wrote) or Customer(id=wrote, created_at=now, revision=0), told)
        theirs = [known[id_] for id_ in members(known, wrote)] if wrote in known else []
        at = after_all(theirs, told.values, now)
        records[wrote] = with_values(record, told.values, by=told.writer or told.by, at=at) if told.values else record
    return records


def _with_proof(record: Customer, identity: Identity, now: int) -> Customer:
    """The record with this identity as it is proven now, unless it was proven as well before."""
    others = tuple(each for each in record.identities if each.key != identity.key)
    before = next((each for each in record.identities if each.key == identity.key), None)
    if before is not None and before.assurance >= identity.assurance:
        return record
    proven = KnownIdentity(**identity.model_dump(), since=now, seen=before.seen if before else None)
    return record.model_copy(update={"identities": (*others, proven)})


def _seen(record: Customer, key: str, since: int | None) -> Customer:
    """The record with this address as a seen one, since when it was first; or as none."""
    identities = tuple(
        known.model_copy(update={"seen": since and (known.seen or since)}) if known.key == key else known
        for known in record.identities
    )
    return record if identities == record.identities else record.model_copy(update={"identities": identities})


def _with_news(record: Customer, told: Told) -> Customer:
    """The record with the name and the language; a language that somebody wrote down stays."""
    news: dict[str, Any] = {}
    if told.name and told.name not in record.names:
        news["names"] = (*record.names[1 - MOST_NAMES :], told.name)
    if told.language != "unknown" and "language" not in record.written:
        news["language"] = told.language
    if unseen := [each for each in told.named if each.key not in {known.key for known in record.named}]:
        news["named"] = (*record.named, *unseen)[-MOST_NAMED:]
    return record.model_copy(update=news)


def _linked(
    told: Told,
    records: Records,
    wrote: str,
    others: Sequence[str],
    identities: Mapping[str, Identity],
    known: Records,
    now: int,
) -> dict[str, Customer]:
    """The records with a link between the one told of and each that was not known before.

    Nothing is said where something holds already between the two people, such as that somebody keeps them apart.
    """
    records = dict(records)
    for other in others:
        asked = _asked(told, identities[other])
        if other in members(records, wrote) or not _is_open(told, asked, between(records, wrote, other)):
            continue
        were_known = all(set(members(records, id_)) & known.keys() for id_ in (wrote, other))
        signs_in = told.signed_in and len(members(records, wrote)) == 1
        joins = (asked or signs_in or not were_known) and have_room(records, wrote, other)
        if joins and not (is_full(records[wrote]) or is_full(records[other])):
            entry = _entry(told, identities.get(wrote), identities[other], now)
            fields = related(records, wrote, other, entry)
            records |= {id_: records[id_].model_copy(update=each) for id_, each in fields.items()}
    return records


def _asked(told: Told, identity: Identity) -> ProofRequest | None:
    """The request that asked for the proof of this identity; whatever else is proven with it was not asked for."""
    return told.asked if told.asked and identity.key == told.asked.key else None


def _is_open(told: Told, asked: ProofRequest | None, held: Sequence[Mapping[str, Any]]) -> bool:
    """Whether what holds between two people leaves something to say.

    Signing in goes before a proposal; so does a proof that somebody asked for, and before a parting that was earlier
    than the question.
    """
    if asked is None and not told.signed_in:
        return not held
    since = asked.asked_at if asked else 0
    return all(each["state"] == "proposed" or (each["state"] == "parted" and each["at"] < since) for each in held)


def _how(told: Told, identity: Identity) -> str:
    asked = _asked(told, identity)
    return f"a code sent to one came back from the other; {asked.by} asked for it" if asked else told.how


def _proposed(
    told: Told, records: Records, wrote: str, others: Sequence[str], identities: Mapping[str, Identity], now: int
) -> dict[str, Customer]:
    """The records with what is proposed: whoever was proven and not joined, and what else speaks for somebody."""
    one = identities.get(wrote)
    proven = [
        Ground(
            kind="proven",
            record=other,
            identity=identities[other].key,
            how=_how(told, identities[other]),
            evidence=_evidence(one, identities[other]),
        )
        for other in others
    ]
    beside = one.key if one else ""
    return with_proposals(records, wrote, [*proven, *told.grounds], beside=beside, full=told.full, now=now, by=told.by)


def _entry(told: Told, one: Identity | None, other: Identity, now: int) -> Mapping[str, Any]:
    return {
        "kind": "merge",
        "state": "joined",
        "identity": other.key,
        "with": one.key if one else "",
        "evidence": _evidence(one, other),
        "how": _how(told, other),
        "weight": GREATEST,
        "at": now,
        "by": told.by,
    }


def _evidence(one: Identity | None, other: Identity) -> str:
    return "; ".join(dict.fromkeys((other.evidence, *([one.evidence] if one else []))))
