"""Customers as they lie in the engine: a record, and with it all records of the same person; and changes of them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..config.errors import Conflict, NotFound
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from .record_changes import RecordChange
from .records import Customer, json_bytes
from .ticket_keys import TicketKeys

_CHANGE = Script.beside(__file__, "change_customers.lua")


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


def demand_kept(records: Mapping[str, Customer], *customers: str) -> None:
    """Raises NotFound where one of these is no record, and Conflict where whose it was is erased: it stays empty."""
    for customer in customers:
        if customer not in records:
            raise NotFound(f"there is no customer {customer}")
        if records[customer].erased_at is not None:
            raise Conflict(f"{customer} is erased; nothing is written there any more")


@dataclass(frozen=True, kw_only=True)
class CustomersChange:
    """What changes on records, whose identities are theirs, and what the feed tells, by kind of event."""

    subject: str
    revision: int
    changes: Sequence[RecordChange]
    events: Mapping[str, Mapping[str, Any]]
    owners: Mapping[str, str] = field(default_factory=dict)
    register: Mapping[str, str] = field(default_factory=dict)


async def change_records(engine: Engine, keys: TicketKeys, change: CustomersChange, now: int) -> bool:
    """Write it, all in one step; False, and nothing is written, when something has changed since it was read."""
    plan = {
        "changes": [each.planned() for each in change.changes],
        "owners": change.owners,
        "register": change.register,
        "events": told(change.events),
    }
    names: ScriptKeys = {
        "feed": keys.feed,
        "clocks": keys.clocks.keys,
        "identities": keys.identities,
        "directory": keys.directory,
        "customers": [keys.customer(each.customer) for each in change.changes],
    }
    args: ScriptArguments = {
        "now": now,
        "subject": change.subject,
        "sequence": change.revision,
        "plan": json_bytes(plan),
    }
    return bool(await engine.run(_CHANGE, names, args) == b"OK")


def told(events: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, str]]:
    """Events as the scripts take them."""
    return [{"kind": kind, "data": json_bytes(data).decode()} for kind, data in events.items()]
