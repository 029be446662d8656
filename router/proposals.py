"""Proposals: that two records may be one person's, which a person then decides. Pure.

What speaks for it is a ground, and each kind of ground has a weight. A proposal stands in the ledgers of both records,
with its ground in words, until somebody joins them or says that they are not the same. Then it comes again only once,
and only on a ground of more weight, and says so; what a person said of their own accord is never questioned. An open
proposal is told anew when more weight speaks for it.

A person has at most `MOST_OPEN` open proposals and `MOST_A_DAY` new ones a day; how many of a kind the whole desk gets
a day is `MOST_OF_A_KIND`, so a flood of weak ones takes no place from others.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .person import Entry, Records, between, is_full, members, related, relations
from .records import Customer

Kind = Literal["proven", "numbered", "named", "shared", "answered", "namesake"]

WEIGHTS: Mapping[Kind, int] = {"proven": 50, "numbered": 45, "named": 40, "shared": 30, "answered": 20, "namesake": 10}
"""proven: control of both in one message · numbered: a signed source said of one an id in another system that is the
other's · named: a signed source named both in one · shared: it named the same third
identity for both · answered: with the reply address that only the other was given, under the same name · namesake: the
same full name at the same company's domain.
"""
GREATEST = WEIGHTS["proven"]
MOST_OPEN = 20
MOST_A_DAY = 5
MOST_OF_A_KIND = 100
DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What speaks for it that this record is of the same person as the one that is told of."""

    kind: Kind
    record: str
    identity: str = ""
    """The identity of that record by which it was found."""
    how: str
    evidence: str = ""

    @property
    def weight(self) -> int:
        """Greater is stronger."""
        return WEIGHTS[self.kind]


def with_proposals(
    records: Records, wrote: str, grounds: Sequence[Ground], *, beside: str, full: Collection[int], now: int, by: str
) -> dict[str, Customer]:
    """The records with what is proposed of the one that wrote, the strongest first.

    `beside` is the identity that wrote; of the weights in `full` the desk has had enough today.
    """
    records = dict(records)
    for ground in sorted(grounds, key=lambda each: -each.weight):
        other = ground.record
        if other not in records or ground.weight in full:
            continue
        held = between(records, wrote, other)
        is_new = other not in members(records, wrote) and may_propose(held, ground.weight)
        if is_new and _room(records, wrote, other, now):
            fields = related(records, wrote, other, _entry(ground, held, beside, now, by))
            records |= {id_: records[id_].model_copy(update=each) for id_, each in fields.items()}
    return records


def may_propose(held: Sequence[Entry], weight: int) -> bool:
    """Whether a ground of this weight says anything new to what holds between two people."""
    return all(weight > each.get("weight", GREATEST) and not (each.get("again") and is_refused(each)) for each in held)


def is_refused(entry: Entry) -> bool:
    """Whether somebody said that the two are not the same, or parted them."""
    return entry.get("state") in ("declined", "parted")


def open_proposals(record: Customer) -> Iterator[tuple[str, Entry]]:
    """What is proposed of a record and not of one person already, by the id of the other."""
    for other, entry in relations(record).items():
        if entry.get("state") == "proposed" and other not in record.records:
            yield other, entry


def _room(records: Records, one: str, other: str, now: int) -> bool:
    return all(_takes([records[each] for each in members(records, id_)], now) for id_ in (one, other)) and not (
        is_full(records[one]) or is_full(records[other])
    )


def _takes(person: Sequence[Customer], now: int) -> bool:
    """Whether a person gets one more proposal now."""
    proposed = [each for record in person for each in record.links if each.get("state") == "proposed"]
    today = sum(each["at"] > now - DAY_MS for each in proposed)
    return today < MOST_A_DAY and sum(1 for record in person for _ in open_proposals(record)) < MOST_OPEN


def _entry(ground: Ground, held: Sequence[Entry], beside: str, now: int, by: str) -> dict[str, Any]:
    refused = any(map(is_refused, held))
    return {
        "kind": "merge",
        "state": "proposed",
        "identity": ground.identity,
        "with": beside,
        "evidence": ground.evidence,
        "how": f"{ground.how}; less was refused before" if refused else ground.how,
        "weight": ground.weight,
        **({"again": True} if refused else {}),
        "at": now,
        "by": by,
    }
