"""`trunkline customers export-table`: the customers as a table that `trunkline customers import` reads again.

What a spreadsheet would take for a formula begins with an apostrophe, which the import takes away (OWASP, CSV
Injection): at the beginning of a cell, and after what ends one for a spreadsheet that takes semicolons. Several
addresses or numbers stand in one cell. The newest customer comes first.
"""

import csv
import re
from collections.abc import AsyncIterator, Sequence
from typing import IO

from ...config.field_settings import CUSTOMER_FACTS, Declared
from ...normalizer.field_values import text_of
from ...router.customer_directory import CustomerDirectory
from ...router.customer_terms import CustomerFilter
from ...router.customer_values import NOTHING
from ...router.records import Customer
from .customer_columns import IDENTITIES

AT_ONCE = 200

_FORMULA = re.compile(r"(^|[;\t\r\n] *)(?='*[=+\-@\t\r])")


async def export(directory: CustomerDirectory, declared: Declared, into: IO[str]) -> int:
    """Write the table; returns how many customers it has."""
    systems = sorted({system async for each in _all(directory) for system in each.external_ids})
    writer, count = csv.writer(into, lineterminator="\r\n"), 0  # RFC 4180 section 2
    places = [
        *CUSTOMER_FACTS,
        *(f"external_ids.{system}" for system in systems),
        *(f"fields.{name}" for name in declared),
    ]
    writer.writerow(["id", *IDENTITIES, *places])
    async for customer in _all(directory):
        writer.writerow([guarded(cell) for cell in _cells(customer, systems, list(declared))])
        count += 1
    return count


async def _all(directory: CustomerDirectory) -> AsyncIterator[Customer]:
    after: str | None = None
    while True:
        page = await directory.page(CustomerFilter(), after=after, limit=AT_ONCE)
        for each in page.items:
            yield each
        after = page.next
        if after is None:
            return


def _cells(customer: Customer, systems: Sequence[str], fields: Sequence[str]) -> list[str]:
    facts = {name: getattr(customer, name) for name in CUSTOMER_FACTS}
    facts["name"] = customer.name or (customer.names[-1] if customer.names else "")
    return [
        customer.id,
        *("; ".join(known.value for known in customer.identities if known.kind == kind) for kind in IDENTITIES),
        *("" if value == NOTHING[name] else value for name, value in facts.items()),
        *(customer.external_ids.get(system, "") for system in systems),
        *(text_of(customer.fields.get(name)) for name in fields),
    ]


def guarded(cell: str) -> str:
    """A cell in which no spreadsheet finds a formula."""
    return _FORMULA.sub(r"\1'", cell)
