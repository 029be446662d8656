"""What changes on records of customers, as the scripts take it (customer.lua). Pure.

A change is worked out from a record as it was seen; the script writes it when the record is still at that revision.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .customer_terms import terms_of
from .records import Customer, text_fields


@dataclass(frozen=True, kw_only=True)
class RecordChange:
    """What changes on a record that was seen at this revision (0: it is new); nothing when it was only seen."""

    customer: str
    revision: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()

    @classmethod
    def between(cls, before: Customer | None, after: Customer) -> "RecordChange":
        """From a record, None for a new one, to what it is afterwards."""
        if before is after:
            return cls(customer=after.id, revision=after.revision)
        terms, now = terms_of(before) if before else frozenset[str](), terms_of(after)
        if before is None:
            fields = after.model_dump(mode="json", exclude_defaults=True)
            return cls(customer=after.id, revision=0, fields=fields, listed=now)
        held, changed = before.model_dump(mode="json"), after.model_dump(mode="json")
        fields = {name: value for name, value in changed.items() if held[name] != value}
        return cls(customer=after.id, revision=before.revision, fields=fields, listed=now - terms, unlisted=terms - now)

    def planned(self) -> dict[str, Any]:
        """The change in the plan of a script."""
        return {
            "customer": self.customer,
            "revision": str(self.revision),
            "fields": text_fields(self.fields),
            "listed": sorted(self.listed),
            "unlisted": sorted(self.unlisted),
        }


def at_next_revision(record: Customer) -> Customer:
    """A record that has changed."""
    return record.model_copy(update={"revision": record.revision + 1})
