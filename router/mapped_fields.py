"""What a message says for fields of its ticket and of the customer, as the configuration has them now. Pure.

A value that is none of its field, and a field that is not declared, change nothing: the article keeps what was said, as
it was said. The ticket that a message opens takes its fields in any case, because it holds nothing but claims if nobody
proved who wrote. The customer's record, and a ticket that there is, take only what a proven sender says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..config.field_settings import OwnFields
from ..normalizer.envelope import Assurance, Envelope
from ..normalizer.field_values import NoValue, read_place


@dataclass(frozen=True, kw_only=True)
class MappedFields:
    """Values for the ticket, by field, and for the customer's record, by place; and whether it is proven who wrote."""

    ticket: Mapping[str, Any] = field(default_factory=dict)
    customer: Mapping[str, Any] = field(default_factory=dict)
    is_proven: bool = False


def mapped_fields(envelope: Envelope, declared: OwnFields) -> MappedFields:
    """Those of a message; of a sender who is not proven none for the customer."""
    found: dict[str, dict[str, Any]] = {"ticket": {}, "customer": {}}
    for name, said in envelope.fields.items():
        try:
            read = read_place(declared, name, said)
        except NoValue:
            continue
        if read is not None and read[2] is not None:
            kind, place, value = read
            found[kind][place] = value
    wrote = envelope.sender.identities[:1]
    is_proven = bool(wrote) and wrote[0].assurance >= Assurance.CHANNEL
    return MappedFields(ticket=found["ticket"], customer=found["customer"] if is_proven else {}, is_proven=is_proven)
