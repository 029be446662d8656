"""The terms under which a customer's record is found: in the directory, a sorted set of `<sort>|<term>|<record>`. Pure.

`all` has every record; `word` what a search can begin with: words of names, company, ids and fields, whole identities
and their domains; `segment`, `company`, `field` whole values. `proposed` has each open proposal once, with its weight
and time; `named` what a signed source named of somebody; `namesake` full names at a company's domain. Terms of words
are folded. All follow from the record alone, so whoever changes it knows which terms go and which come.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..normalizer.envelope import Assurance
from ..normalizer.field_values import text_of
from ..normalizer.folding import fold
from ..normalizer.same_person import company_domain, full_name
from .person import Entry
from .proposals import GREATEST, open_proposals
from .records import Customer

MOST_WORDS = 60
LONGEST = 60  # characters of one term
OPEN = "proposed|"

_EDGES = " \t\n.,;:!?\"'()<>[]|*"
_PARTS = re.compile(r"\w+")


def terms_of(record: Customer) -> frozenset[str]:
    """The terms, as members of the directory."""
    words = sorted(set(_words(record)))[:MOST_WORDS]
    kinds = [*(f"word|{word}" for word in words), *_whole(record)]
    heads = [*(f"{kind}|" for kind in kinds), *_likenesses(record), *_proposed(record)]
    return frozenset({f"all|{record.id}", *(f"{head}{record.id}" for head in heads)})


def proposed_head(weight: int, at: int | None = None) -> str:
    """Where the open proposals of this weight begin that were made at this time or later, or all of them."""
    return f"{OPEN}{weight:02d}" if at is None else f"{OPEN}{weight:02d}{at:015d}"


def proposed_term(entry: Entry, other: str) -> str:
    """Where this proposal stands, before the id of the older of its two records; `other` is the younger."""
    return f"{proposed_head(entry.get('weight', GREATEST), entry['at'])}{other}|"


def named_head(identity: str) -> str:
    """Where the records stand of which a signed source named this identity."""
    return f"named|{identity}|"


def namesake_head(domain: str, name: str) -> str:
    """Where the records stand that have this full name (normalizer/same_person.py) and an address at this domain."""
    return f"namesake|{domain} {name}|"


def _likenesses(record: Customer) -> Iterator[str]:
    """By what somebody else may turn out to be the same person."""
    yield from (named_head(each.key) for each in record.named)
    proven = [known for known in record.identities if known.assurance >= Assurance.ORIGIN]
    domains = {domain for known in proven if (domain := company_domain(known))}
    yield from (namesake_head(domain, name) for domain in domains for name in map(full_name, record.names) if name)


def _proposed(record: Customer) -> Iterator[str]:
    """Its open proposals; of the two records the older one lists them."""
    for other, entry in open_proposals(record):
        if record.id < other:
            yield proposed_term(entry, other)


def words_in(text: str) -> list[str]:
    """The words of a text that somebody searches for."""
    return [word[:LONGEST] for each in fold(text).split() if (word := each.strip(_EDGES))]


def _words(record: Customer) -> Iterator[str]:
    for text in (record.name, *record.names, record.company, *map(text_of, record.fields.values())):
        for word in words_in(text):
            yield word
            yield from (part for part in _PARTS.findall(word) if len(part) > 1)
    for value in (*(known.value for known in (*record.identities, *record.named)), *record.external_ids.values()):
        yield term(value)
        if "@" in value:
            yield term(value.rpartition("@")[2])


def _whole(record: Customer) -> Iterator[str]:
    for kind, value in (("segment", record.segment), ("company", record.company)):
        if value:
            yield f"{kind}|{term(value)}"
    for name, value in record.fields.items():
        for each in value if isinstance(value, list) else [value]:
            yield f"field|{name}={term(each)}"


def term(value: object) -> str:
    """A whole value as it stands in the directory."""
    return fold(text_of(value))[:LONGEST]


@dataclass(frozen=True, kw_only=True)
class CustomerFilter:
    """Which customers are asked for; everything holds at once."""

    q: str = ""
    segment: str = ""
    company: str = ""
    identity: str = ""
    external_id: str = ""
    field: str = ""

    def heads(self) -> list[str]:
        """What the terms of a match begin with, one for each thing that is asked."""
        heads = [f"word|{word}" for word in words_in(self.q)]
        heads += [f"word|{term(each.partition(':')[2])}|" for each in (self.identity, self.external_id) if each]
        heads += [f"{kind}|{term(value)}|" for kind in ("segment", "company") if (value := getattr(self, kind))]
        if self.field:
            name, _, value = self.field.partition(":")
            heads.append(f"field|{name}={term(value)}|")
        return heads or ["all|"]

    def admits(self, person: Customer) -> bool:
        """Whether they are one of them, by what all their records say together."""
        if self.identity and self.identity not in {known.key for known in person.identities}:
            return False
        if self.external_id and self.external_id not in {f"{name}:{id_}" for name, id_ in person.external_ids.items()}:
            return False
        held = ["all|", *(f"word|{word}|" for word in _words(person)), *(f"{kind}|" for kind in _whole(person))]
        return all(any(each.startswith(head) for each in held) for head in self.heads())
