"""The terms under which a customer's record is found: in the directory, a sorted set of `<sort>|<term>|<record>`. Pure.

`all` has every record; `word` what a search can begin with: words of names, company, ids and fields, whole identities
and their domains; `segment`, `company`, `field` whole values. Terms are folded. They follow from the record alone, so
whoever changes it knows which terms go and which come.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..normalizer.field_values import text_of
from ..normalizer.folding import fold
from .records import Customer

MOST_WORDS = 60
LONGEST = 60  # characters of one term

_EDGES = " \t\n.,;:!?\"'()<>[]|*"
_PARTS = re.compile(r"\w+")


def terms_of(record: Customer) -> frozenset[str]:
    """The terms, as members of the directory."""
    words = sorted(set(_words(record)))[:MOST_WORDS]
    kinds = [*(f"word|{word}" for word in words), *_whole(record)]
    return frozenset({f"all|{record.id}", *(f"{kind}|{record.id}" for kind in kinds)})


def words_in(text: str) -> list[str]:
    """The words of a text that somebody searches for."""
    return [word[:LONGEST] for each in fold(text).split() if (word := each.strip(_EDGES))]


def _words(record: Customer) -> Iterator[str]:
    for text in (record.name, *record.names, record.company, *map(text_of, record.fields.values())):
        for word in words_in(text):
            yield word
            yield from (part for part in _PARTS.findall(word) if len(part) > 1)
    for value in (*(known.value for known in record.identities), *record.external_ids.values()):
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
