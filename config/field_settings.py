"""Fields of your own for customers and tickets, and what can be written into each.

    customer_fields:
      plan: { label: Plan, type: choice, options: [free, pro] }
      seats: { type: number }
    ticket_fields:
      order: { label: Order number }

A field is written by the API, the desk, an import, or a source that maps it; the kind of value is checked everywhere
(normalizer/field_values.py). It is shown on the desk, found by the search, and rules ask for it as `customer.plan` and
`ticket.order`. Values of a field that is no longer declared stay where they are, and are neither shown nor written.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from .fields import FieldName, Text
from .section import Section, wrong

FieldType = Literal["text", "number", "boolean", "date", "choice", "choices", "email", "url"]

CUSTOMER_FACTS = ("name", "company", "segment", "language", "time_zone", "notes")
"""What every customer's record has, and can be written like a field."""

RESERVED = frozenset(
    {*CUSTOMER_FACTS, "known", "fields", "external_ids", "identities", "email", "phone", "customer", "ticket"}
    | {"subject", "message", "conversation", "sequence"}
)
"""Names that mean something else where fields are mapped, imported or asked for."""

EXTERNAL_ID = r"external_ids\.[a-z0-9][a-z0-9_-]{0,62}"
"""The place of a customer's id in another system, `external_ids.crm`."""


def _free(name: str) -> str:
    if name in RESERVED:
        raise wrong("a name that does not mean something else", f"{name} does; call it my_{name}, say")
    return name


class FieldSettings(Section):
    """One field."""

    label: Text | None = Field(default=None, description="What people call it; left out, its name.")
    type: FieldType = Field(
        default="text",
        description="The kind of value: text, number, boolean, date, choice (one of the options), choices (any of "
        "them), email, url.",
    )
    options: tuple[Text, ...] = Field(default=(), description="What can be chosen, for choice and choices.")

    @model_validator(mode="after")
    def _options_where_one_chooses(self) -> Self:
        if (self.type in ("choice", "choices")) != bool(self.options):
            raise wrong("options for choice and choices, and for nothing else")
        if len({option.casefold() for option in self.options}) < len(self.options):
            raise wrong("options that differ")
        return self


@dataclass(frozen=True)
class OwnFields:
    """The fields that are declared, by name."""

    customer: Mapping[str, FieldSettings] = field(default_factory=dict)
    ticket: Mapping[str, FieldSettings] = field(default_factory=dict)

    def place(self, name: str) -> tuple[Literal["customer", "ticket"], str] | None:
        """Where a field of a source goes: into whose record, and to which place there.

        `order` is that of the ticket or the customer, whichever is declared; with both, `ticket.order` says which. An
        id in another system needs no declaration. None when it goes nowhere.
        """
        if re.fullmatch(EXTERNAL_ID, name):
            return "customer", name
        kind, dot, inner = name.rpartition(".")
        if kind in ("", "ticket") and inner in self.ticket and (dot or inner not in self.customer):
            return "ticket", inner
        if kind in ("", "customer") and inner in self.customer and (dot or inner not in self.ticket):
            return "customer", f"fields.{inner}"
        return ("customer", inner) if kind in ("", "customer") and inner in CUSTOMER_FACTS else None

    def names(self) -> list[str]:
        """All that a source can fill."""
        return [*CUSTOMER_FACTS, *self.customer, *self.ticket]


CurrentFields = Callable[[], OwnFields]
FieldsByName = Mapping[Annotated[FieldName, AfterValidator(_free)], FieldSettings]
Declared = Mapping[str, FieldSettings]
"""Fields by name, as they are handed around."""


def label_of(name: str, declared: FieldSettings) -> str:
    """What people call a field."""
    return declared.label or name.replace("_", " ").capitalize()
