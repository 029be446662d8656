"""Writing: what people, other systems and imports write into the records of customers.

A write is worked out from what was read and carried out in one script, when nothing has changed since; else it is
worked out again. Each is a line of the feed with who wrote what. A value goes into the record that was named
(customer_values.py); whose an id in another system is, is kept with the identities, so that two records never have one.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from ..config.errors import Conflict, EngineUnavailable, PreconditionFailed
from ..normalizer.envelope import Identity, Sender
from ..normalizer.same_person import named_beside, of_one_person
from ..queue.clock import Clock
from ..queue.connection import Engine
from .customer_plan import Told, plan_person, update_data
from .customer_records import CustomersChange, change_records, demand_kept, load_records
from .customer_values import Changes, after_all, differing, holders, ids_in, registered, with_values, without_taken
from .person import Records, as_one, members
from .record_changes import RecordChange, at_next_revision
from .records import Customer
from .ticket_keys import TicketKeys

TRIES = 20


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A customer as somebody writes them down: identities with how well they are proven, and values."""

    identities: Sequence[Identity] = ()
    values: Changes = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Entered:
    """What became of an entry: which record it is in, whether that is new, whether anything was written at all."""

    customer: str
    is_new: bool
    is_changed: bool
    related: Sequence[str] = ()
    """Records of other people that have an identity of it; that they are the same person is proposed."""


class CustomerWriting:
    """Writes into the records of a workspace."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = TicketKeys(engine)

    async def change(self, customer: str, changes: Changes, *, actor: str, revision: int | None = None) -> Customer:
        """Write values into this record; those that are there already change nothing.

        Raises NotFound, Conflict when the person is erased or an id in another system is somebody else's, and
        PreconditionFailed when the person is no longer at `revision`.
        """
        for _ in range(TRIES):
            records = await load_records(self._engine, self._keys, [customer])
            demand_kept(records, customer)
            before = _person(records, customer)
            if revision not in (None, before.revision):
                raise PreconditionFailed(
                    f"the customer is at revision {before.revision}, not {revision}; read them again",
                    revision=before.revision,
                )
            news = differing(records[customer], before, changes)
            if not news:
                return before
            if await self._write(customer, records, news, actor):
                revision = None  # what is left, an id that another record of theirs has, is written next
        raise EngineUnavailable(f"{customer}: the record changed {TRIES} times in a row")

    async def _write(self, customer: str, records: Records, news: Changes, actor: str) -> bool:
        owners, now = await self._owners(ids_in(news)), self._clock.now()
        _demand_free(owners, members(records, customer))
        held = holders(news, owners, customer)
        own = without_taken(news, owners, customer)
        customer = customer if own else next(iter(held.values()))
        news = own or {place: value for place, value in news.items() if held[place] == customer}
        record = records[customer]
        after = at_next_revision(with_values(record, news, by=actor, at=after_all(records.values(), news, now)))
        change = CustomersChange(
            subject=customer,
            revision=after.revision,
            changes=[RecordChange.between(each, after if each.id == customer else each) for each in records.values()],
            events={"customer.updated": update_data(record, {**records, customer: after}, customer, news, actor)},
            owners=owners,
            register=registered(record, customer, news, owners),
        )
        return await change_records(self._engine, self._keys, change, now)

    async def enter(self, entry: Entry, *, actor: str, must_be_new: bool = False, dry: bool = False) -> Entered:
        """Write a customer down: into the record that one of their ids or identities leads to, else into a new one.

        `dry`: only say what would become of it.

        The same entry again changes nothing. Raises Conflict with `must_be_new` when somebody is known by one of them,
        and when an id in another system is somebody else's.
        """
        for _ in range(TRIES):
            entered = await self._enter(entry, actor, must_be_new=must_be_new, dry=dry)
            if entered is not None:
                return entered
        raise EngineUnavailable(f"the records of an entry changed {TRIES} times in a row")

    async def known(self, entries: Sequence[Entry]) -> Sequence[Set[str]]:
        """The people whom ids and identities of each entry lead to now, by the oldest record of each."""
        asked = [[*ids_in(entry.values), *(each.key for each in entry.identities)] for entry in entries]
        owners = await self._owners(list(dict.fromkeys(key for keys in asked for key in keys)))
        records = await load_records(self._engine, self._keys, filter(None, owners.values()))
        people = {key: members(records, owner)[0] for key, owner in owners.items() if owner in records}
        return [{people[key] for key in keys if key in people} for keys in asked]

    async def _enter(self, entry: Entry, actor: str, *, must_be_new: bool, dry: bool) -> Entered | None:
        writer = Sender(identities=tuple(entry.identities))
        people, named = of_one_person(writer), named_beside(writer)
        owned = await self._owners([*ids_in(entry.values), *(each.key for each in people)])
        if must_be_new and (known := next(((key, id_) for key, id_ in owned.items() if id_), None)):
            raise Conflict(f"{known[0]} is known already, as the customer {known[1]}")
        now, records = self._clock.now(), await load_records(self._engine, self._keys, filter(None, owned.values()))
        target = next((id_ for id_ in owned.values() if id_ in records), "")
        _demand_free({key: owned[key] for key in ids_in(entry.values)}, members(records, target) if target else ())
        own = without_taken(entry.values, owned, target)
        news = differing(records[target], _person(records, target), own) if target else own
        told = Told(people=people, record=target, values=news, named=named, is_proven=True, by=actor, how=_HOW)
        plan = plan_person(told, owned, records, now)
        before = records.get(plan.customer)
        entered = Entered(
            customer=plan.customer,
            is_new=before is None,
            is_changed=any(each.fields for each in plan.changes),
            related=_others(records, plan.customer, owned),
        )
        if dry or not entered.is_changed:
            return entered
        change = CustomersChange(
            subject=plan.customer,
            revision=plan.revision,
            changes=plan.changes,
            events=plan.events,
            owners=owned,
            register=plan.register,
        )
        return entered if await change_records(self._engine, self._keys, change, now) else None

    async def _owners(self, keys: Sequence[str]) -> dict[str, str]:
        """Which record has each identity or id; empty for none."""
        if not keys:
            return {}
        found = await self._engine.call("HMGET", self._keys.identities, *keys)
        return {key: id_.decode() if id_ else "" for key, id_ in zip(keys, found, strict=True)}


_HOW = "one entry names both"


def _demand_free(owners: Mapping[str, str], theirs: Sequence[str]) -> None:
    for key, owner in owners.items():
        if owner and owner not in theirs:
            raise Conflict(f"{key.removeprefix('external:')} is an id of the customer {owner}")


def _others(records: Records, customer: str, owned: Mapping[str, str]) -> Sequence[str]:
    """The records of other people among the owners."""
    theirs = members(records, customer) if customer in records else ()
    return sorted({id_ for id_ in owned.values() if id_ in records} - set(theirs))


def _person(records: Records, customer: str) -> Customer:
    return as_one(records[id_] for id_ in members(records, customer))
