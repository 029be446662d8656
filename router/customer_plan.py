"""What the filing of one message writes about people, worked out beforehand by pure functions.

The message goes on the record of its first known identity, or on a new one. Identities that it proves to be the same
person's (normalizer/same_person.py) come onto that record, each with its evidence, and the ledger says when and how.
When one of them is on another record already, nothing is merged: both records get a proposal, which a person decides.
A claim changes no data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..normalizer.envelope import Assurance, Envelope, Identity
from ..normalizer.same_person import of_one_person
from ..queue.identifiers import new_id
from .records import Customer, KnownIdentity
from .resolver import Resolution

MOST_IDENTITIES = 100
MOST_PROPOSALS = 20
MOST_NAMES = 10

HOW = "control of both was proven in one message"

Link = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class OtherRecord:
    """Another customer's record on which a proposal is noted."""

    customer: str
    revision: int
    links: Sequence[Link]


@dataclass(frozen=True, kw_only=True)
class CustomerPlan:
    """Whose record it is, and what changes on it: all fields of a new one, none when there is no news."""

    customer: str
    revision: int
    fields: Mapping[str, Any]
    register: Sequence[str]
    others: Sequence[OtherRecord] = ()


def plan_customer(envelope: Envelope, found: Resolution, now: int) -> CustomerPlan:
    """Work out what is written about people."""
    people = of_one_person(envelope.sender)
    known = found.customer
    if not people or known is None:
        customer = known.id if known else new_id(now)
        fields = _first_seen(envelope, people, customer, now) if people else {}
        return CustomerPlan(customer=customer, revision=0, fields=fields, register=[each.key for each in people])
    new = [each for each in people if not found.identities[each.key]]
    new = new[: max(0, MOST_IDENTITIES - len(known.identities))]
    own = [each for each in people if found.identities[each.key] == known.id]
    proposed = [
        (each, found.others[found.identities[each.key]])
        for each in people
        if found.identities[each.key] in found.others and found.identities[each.key] not in known.records
    ]
    links = [*known.links, *(_joined(each, own[0], now) for each in new)]
    for each, other in proposed:
        links = _with_proposal(links, each, other.id, own[0], now)
    return CustomerPlan(
        customer=known.id,
        revision=known.revision,
        fields=_news(envelope, known, [*own, *new], links, now),
        register=[each.key for each in new],
        others=[record for each, other in proposed if (record := _other(other, own[0], known.id, each, now))],
    )


def _first_seen(envelope: Envelope, people: Sequence[Identity], customer: str, now: int) -> dict[str, Any]:
    links = [_joined(each, people[0], now) for each in people[1:]]
    return {
        "id": customer,
        "identities": [_seen(each, now) for each in people],
        "names": [envelope.sender.name] if envelope.sender.name else [],
        "language": envelope.language.code,
        **({"links": links} if links else {}),
        "created_at": now,
        "revision": 1,
    }


def _news(
    envelope: Envelope, known: Customer, people: Sequence[Identity], links: Sequence[Link], now: int
) -> dict[str, Any]:
    """Better proof, new identities, names and language; nothing for a claim."""
    if envelope.sender.identities[0].assurance < Assurance.CHANNEL:
        return {}
    changed: dict[str, Any] = {}
    proven = {each.key: each.assurance for each in known.identities}
    better = {each.key: each for each in people if proven.get(each.key, -1) < each.assurance}
    if better:
        kept = [each.model_dump(mode="json") for each in known.identities if each.key not in better]
        changed["identities"] = [*kept, *(_seen(each, now) for each in better.values())]
    if envelope.sender.name and envelope.sender.name not in known.names:
        changed["names"] = [*known.names[1 - MOST_NAMES :], envelope.sender.name]
    if envelope.language.code not in ("unknown", known.language):
        changed["language"] = envelope.language.code
    if len(links) > len(known.links):
        changed["links"] = list(links)
    return changed | {"revision": known.revision + 1} if changed else {}


def _seen(identity: Identity, now: int) -> dict[str, Any]:
    return KnownIdentity(**identity.model_dump(), since=now).model_dump(mode="json")


def _joined(identity: Identity, anchor: Identity, now: int) -> Link:
    return _link("join", "joined", identity, anchor, now)


def _link(kind: str, state: str, identity: Identity, anchor: Identity, now: int, **more: str) -> Link:
    evidence = "; ".join(dict.fromkeys((identity.evidence, anchor.evidence)))
    return {
        "kind": kind,
        "state": state,
        "identity": identity.key,
        "with": anchor.key,
        "evidence": evidence,
        "how": HOW,
        "at": now,
        **more,
    }


def _with_proposal(links: Sequence[Link], identity: Identity, other: str, anchor: Identity, now: int) -> list[Link]:
    """The ledger with this proposal; as it is, when one for that record was made before, or there are enough."""
    made = any(link.get("customer") == other for link in links)
    open_ = sum(link.get("state") == "proposed" for link in links)
    if made or open_ >= MOST_PROPOSALS:
        return list(links)
    return [*links, _link("proposal", "proposed", identity, anchor, now, customer=other)]


def _other(other: Customer, identity: Identity, customer: str, anchor: Identity, now: int) -> OtherRecord | None:
    links = _with_proposal(other.links, identity, customer, anchor, now)
    if len(links) == len(other.links):
        return None
    return OtherRecord(customer=other.id, revision=other.revision, links=links)
