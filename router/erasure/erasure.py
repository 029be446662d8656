"""Erasure: a person asks that nothing is kept of them, and nothing is.

`preview` says what would go. `order` is one step: from then on nobody is found by these identities, their records are
empty, and whoever writes from one of these addresses is a new customer; all else is the work of `erasing.py`, which
goes on until it is done, whatever is killed. What remains is `ErasureRecord`: counts, when, on whose word and why.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import uuid4

from ...config.errors import Conflict, EngineUnavailable, Invalid, NotFound
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.scripts import Script, ScriptArguments, ScriptKeys
from ..belongings import Belongings
from ..customer_records import load_records
from ..customer_terms import named_head, terms_of
from ..customer_values import ids_in, values_of
from ..life_cycle import FINISHED
from ..person import without
from ..records import Customer, json_bytes, text_fields
from ..ticket_keys import TicketKeys
from .erasure_record import ErasureCounts, ErasureKeys, ErasurePlan, ErasurePreview, ErasureRecord
from .ledger import LedgerEntry

TRIES = 20
LANE = "erasures"

_ERASE = Script.beside(__file__, "erase_customer.lua")

Records = Mapping[str, Customer]


class Erasure:
    """The erasures of a workspace."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._tickets = TicketKeys(engine)
        self._belongings = Belongings(engine)
        self._keys = ErasureKeys(engine)

    async def preview(self, customer: str) -> ErasurePreview:
        """What would go with this person. Raises NotFound, Conflict when they are erased already."""
        records = await self._person(customer)
        tickets = [each async for each in self._belongings.tickets(records)]
        stored = [await self._engine.call("HMGET", self._tickets.ticket(id_), "status") for id_ in tickets]
        articles = [await self._engine.call("ZCARD", self._tickets.articles(id_)) for id_ in tickets]
        return ErasurePreview(
            customer=customer,
            confirm=confirmations(records),
            erased=_counted(records, tickets=len(tickets), articles=sum(articles)),
            open_tickets=sum(json.loads(status or b'"closed"') not in FINISHED for (status,) in stored),
        )

    async def order(self, customer: str, *, confirm: str, actor: str, reason: str = "") -> ErasureRecord:
        """Erase this person, with all their records; durable when it returns.

        `confirm` is one of the words that the preview names. Raises NotFound, Invalid, Conflict.
        """
        for _ in range(TRIES):
            records = await self._person(customer)
            if confirm.strip() not in confirmations(records):
                raise Invalid("it must say who is meant: the customer's id, name or address", field="confirm")
            ordered = ErasureRecord(
                id=str(uuid4()),
                state="working",
                by=actor,
                reason=reason,
                ordered_at=self._clock.now(),
                erased=_counted(records),
            )
            if await self._write(ordered, _plan(records), records):
                return ordered
        raise EngineUnavailable(f"{customer}: the records changed {TRIES} times in a row")

    async def order_again(self, entry: LedgerEntry, keys: Sequence[str], raws: Sequence[str]) -> None:
        """Order what was erased elsewhere, or before this engine's state; durable when it returns.

        `keys` are identities of theirs that have no record, `raws` messages of theirs that wait. Again changes nothing.
        """
        for _ in range(TRIES):
            near = await load_records(self._engine, self._tickets, entry.records)
            records = {id_: near[id_] for id_ in entry.records if id_ in near and near[id_].erased_at is None}
            ordered = ErasureRecord(
                **entry.model_dump(include={"id", "by", "reason", "ordered_at"}),
                state="working",
                again=True,
                erased=_counted(records),
            )
            if await self._write(ordered, _plan(records, keys, raws), records):
                return
        raise EngineUnavailable(f"the records of the erasure {entry.id} changed {TRIES} times in a row")

    async def erasure(self, id_: str) -> ErasureRecord:
        """One that was ordered. Raises NotFound."""
        stored = await self._engine.call("HGET", self._keys.records, id_)
        if stored is None:
            raise NotFound(f"there is no erasure {id_}")
        return ErasureRecord.model_validate_json(stored)

    async def _person(self, customer: str) -> Records:
        records = await load_records(self._engine, self._tickets, [customer])
        if customer not in records:
            raise NotFound(f"there is no customer {customer}")
        if records[customer].erased_at is not None:
            raise Conflict(f"{customer} is erased already")
        return records

    async def _left(self, records: Records, identities: Collection[str]) -> Records:
        """Others whose ledgers name one of these, those that were one person with them, and those of which a source
        named an identity of theirs.
        """
        named = {entry["customer"] for each in records.values() for entry in each.links if entry.get("customer")}
        for head in map(named_head, identities):
            found = await self._engine.call("ZRANGE", self._tickets.directory, f"[{head}", f"({head}~", "BYLEX")
            named |= {each.decode()[len(head) :] for each in found}
        near = await load_records(self._engine, self._tickets, {*named, *records})
        return {id_: each for id_, each in near.items() if id_ not in records}

    async def _write(self, ordered: ErasureRecord, plan: ErasurePlan, records: Records) -> bool:
        left = await self._left(records, plan.keys)
        others = {id_: fields for id_, fields in without(left, records, plan.keys).items() if fields}
        changes = [_change(each, _shell(each, ordered.ordered_at), frozenset()) for each in records.values()]
        changes += [_without_them(left[id_], fields) for id_, fields in others.items()]
        keys: ScriptKeys = {
            "identities": self._tickets.identities,
            "directory": self._tickets.directory,
            "erasures": self._keys.records,
            "plans": self._keys.plans,
            "queue": self._keys.queue.keys,
            "customers": [self._tickets.customer(id_) for id_ in (*records, *others)],
        }
        args: ScriptArguments = {
            "id": ordered.id,
            "record": ordered.model_dump_json(),
            "plan": plan.model_dump_json(),
            "lane": LANE,
            "payload": json_bytes({"erasure": ordered.id}),
            "erased": len(records),
            "changes": json_bytes(changes),
            "people": [*plan.keys, *(key for each in records.values() for key in ids_in(values_of(each)))],
        }
        return bool(await self._engine.run(_ERASE, keys, args) == b"OK")


def _plan(records: Records, keys: Sequence[str] = (), raws: Sequence[str] = ()) -> ErasurePlan:
    known = [(each.kind, each.value) for record in records.values() for each in record.identities]
    loose = [(kind, value) for kind, _, value in (key.rpartition(":") for key in keys)]
    return ErasurePlan(records=tuple(records), identities=tuple(dict.fromkeys((*known, *loose))), raws=tuple(raws))


def confirmations(records: Records) -> tuple[str, ...]:
    """The words by which an order says that it means this person."""
    said = [
        word
        for each in records.values()
        for word in (each.name, *each.names, *(known.value for known in each.identities))
    ]
    return tuple(dict.fromkeys((*records, *filter(None, said))))


def _counted(records: Records, **more: int) -> ErasureCounts:
    identities = sum(len(each.identities) for each in records.values())
    return ErasureCounts(records=len(records), identities=identities, **more)


def _shell(record: Customer, now: int) -> Mapping[str, Any]:
    return {"id": record.id, "created_at": record.created_at, "erased_at": now}


def _without_them(record: Customer, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What changes on somebody else's record."""
    after = record.model_copy(update=dict(fields))
    return _change(record, after.model_dump(mode="json", include=set(fields)), terms_of(after))


def _change(record: Customer, fields: Mapping[str, Any], terms: Collection[str]) -> dict[str, Any]:
    """What changes on a record, and the terms that it has no more; `terms` are those that it keeps."""
    after, gone = text_fields({**fields, "revision": record.revision + 1}), terms_of(record).difference(terms)
    return {"id": record.id, "revision": str(record.revision), "fields": after, "terms": sorted(gone)}
