"""Which column of a table is what of a customer, and a row as the entry that it makes. Pure.

    email  phone  name  company  segment  language  time_zone  notes  external_ids.crm  fields.plan

A column is found by one of these names, or by the name or the label of a field; `--map` says it for others. A cell may
hold several addresses or numbers. An empty one leaves what is there.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ...config.errors import Misconfigured
from ...config.field_settings import CUSTOMER_FACTS, EXTERNAL_ID, Declared, label_of
from ...normalizer.addresses import normalise_address
from ...normalizer.envelope import Assurance, Identity
from ...normalizer.folding import fold
from ...normalizer.phone import normalise as normalise_phone
from ...router.customer_values import checked
from ...router.customer_writing import Entry

IDENTITIES = ("email", "phone")
SKIPPED = "-"

_SEVERAL = re.compile(r"[;,\n]")
_SYSTEM = re.compile(EXTERNAL_ID)
_GUARDED = re.compile(r"(^|[;\t\r\n] *)'(?='*[=+\-@\t\r])")
"""What keeps spreadsheets from taking a value for a formula (customer_export.py)."""


@dataclass(frozen=True)
class Columns:
    """The columns that are read, by their place, and the names of those that are not."""

    targets: Mapping[int, str]
    unused: Sequence[str]


def columns_of(header: Sequence[str], mapped: Mapping[str, str], declared: Declared) -> Columns:
    """Raises Misconfigured for what is no column or nothing of a customer, and when two columns are one thing."""
    known = [*IDENTITIES, *CUSTOMER_FACTS, *(f"fields.{name}" for name in declared)]
    for column, target in mapped.items():
        if column not in header:
            raise Misconfigured(f"there is no column {column!r}; {_near(column, header)}")
        if target not in known and target != SKIPPED and not _SYSTEM.fullmatch(target):
            raise Misconfigured(f"{target!r} is nothing of a customer; {_near(target, known)}, or external_ids.SYSTEM")
    names = {_plain(name): target for target in known for name in (target, target.partition(".")[2] or target)}
    names |= {_plain(label_of(name, field)): f"fields.{name}" for name, field in declared.items()}
    names |= {"e_mail": "email", "timezone": "time_zone", "id": SKIPPED}
    found = {at: mapped.get(column) or _target(column, names) for at, column in enumerate(header)}
    targets = {at: target for at, target in found.items() if target not in ("", SKIPPED)}
    if twice := {target for target in targets.values() if list(targets.values()).count(target) > 1}:
        raise Misconfigured(f"two columns are {', '.join(sorted(twice))}; leave one out with --map COLUMN=-")
    unused = [column for at, column in enumerate(header) if not found[at] and column]
    return Columns(targets, unused)


def _target(column: str, names: Mapping[str, str]) -> str:
    return column if _SYSTEM.fullmatch(column) else names.get(_plain(column), "")


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", fold(name)).strip("_")


def _near(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"


@dataclass(frozen=True, kw_only=True)
class RowReader:
    """Makes entries of rows; the file proves the identities as well as `assurance` says."""

    columns: Columns
    declared: Declared
    country: str | None
    assurance: Assurance
    evidence: str

    def entry(self, cells: Sequence[str]) -> tuple[Entry, list[str]]:
        """The entry of a row, and everything that is wrong with it."""
        given = {self.columns.targets[at]: cell for at, cell in enumerate(cells) if at in self.columns.targets}
        given = {target: unguarded(cell.strip()) for target, cell in given.items() if cell.strip()}
        identities, faults = list[Identity](), list[str]()
        for kind, normalise in self._kinds().items():
            for text in filter(str.strip, _SEVERAL.split(given.pop(kind, ""))):
                value = normalise(text)
                if value is None:
                    faults.append(f"{kind} {text.strip()!r}: {_EXPECTED[kind]}")
                else:
                    identities.append(self._identity(kind, value))
        said = dict(given)
        values, wrong = checked(given, self.declared)
        faults += [f"{target} {said[target]!r}: {words}" for target, words in wrong.items()]
        if not faults and not identities and not any(place.startswith("external_ids.") for place in values):
            faults.append("nobody is named; give an e-mail address, a phone number or an id in another system")
        return Entry(
            identities=identities, values={at: each for at, each in values.items() if each is not None}
        ), faults

    def _kinds(self) -> Mapping[str, Callable[[str], str | None]]:
        return {"email": normalise_address, "phone": lambda text: normalise_phone(text, self.country)}

    def _identity(self, kind: str, value: str) -> Identity:
        return Identity(kind=kind, value=value, assurance=self.assurance, evidence=self.evidence)


def unguarded(cell: str) -> str:
    """A cell without what `guarded` (customer_export.py) put into it."""
    return _GUARDED.sub(r"\1", cell)


_EXPECTED = {
    "email": "expected an e-mail address",
    "phone": "expected a phone number with its country code, or give --country",
}
