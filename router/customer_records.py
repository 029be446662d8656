"""Customers as they lie in the engine: a record, and with it all records of the same person."""

import asyncio
from collections.abc import Iterable

from ..queue.connection import Engine
from .records import Customer
from .ticket_keys import TicketKeys


async def load_record(engine: Engine, keys: TicketKeys, customer: str) -> Customer | None:
    """One record, or None."""
    flat = await engine.call("HGETALL", keys.customer(customer))
    return Customer.from_hash(dict(zip(flat[::2], flat[1::2], strict=True))) if flat else None


async def load_records(engine: Engine, keys: TicketKeys, customers: Iterable[str]) -> dict[str, Customer]:
    """These records and all others of the same people, by id; what there is not is left out."""
    found: dict[str, Customer] = {}
    asked, wanted = set[str](), set(customers)
    while wanted:
        loaded = await asyncio.gather(*(load_record(engine, keys, id_) for id_ in sorted(wanted)))
        found |= {each.id: each for each in loaded if each is not None}
        asked |= wanted
        wanted = {id_ for each in found.values() for id_ in each.records} - asked
    return found
