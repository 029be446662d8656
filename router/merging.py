"""Merging: what people decide about the records of customers. Merge, part again, keep apart; or undo such a decision.

Each decision comes into the ledgers of both records and into the feed, with who decided and why, in one script; when a
record has changed meanwhile, it is worked out again. No ticket, message or identity moves (person.py), so replies go
where they would have gone, and parting gives back exactly what was there.
"""

from collections.abc import Mapping

from ..config.errors import Conflict, EngineUnavailable
from ..queue.clock import Clock
from ..queue.connection import Engine
from .customer_records import CustomersChange, change_records, demand_kept, load_records
from .open_proposals import pairs_between
from .person import Entry, as_one, feed_data, is_linked, members, related, relations
from .record_changes import RecordChange
from .records import Customer
from .ticket_keys import TicketKeys

TRIES = 20


class Merging:
    """The decisions about customers of a workspace."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = TicketKeys(engine)

    async def preview(self, customer: str, other: str) -> Customer:
        """Who they would be as one person. Raises NotFound."""
        return as_one((await self._records(customer, other)).values())

    async def merge(self, customer: str, other: str, *, actor: str, reason: str = "") -> Customer:
        """They are one person from now on; saying it again changes nothing. Raises NotFound, Conflict."""
        return await self._decide("merged", "joined", customer, other, actor, reason)

    async def part(self, customer: str, other: str, *, actor: str, reason: str = "") -> Customer:
        """The link between these two records ends. Raises NotFound, Conflict when there is none."""
        return await self._decide("parted", "parted", customer, other, actor, reason)

    async def keep_apart(self, customer: str, other: str, *, actor: str, reason: str = "") -> Customer:
        """They are not the same: no proposal between the two people stays open, and none comes on the same grounds.

        Raises NotFound, Conflict when they are linked.
        """
        person = await self._decide("kept_apart", "declined", customer, other, actor, reason)
        for one, another, _ in list(pairs_between(await self._records(customer, other), customer, other)):
            person = await self._decide("kept_apart", "declined", one, another, actor, reason)
        return person

    async def reopen(self, customer: str, other: str, *, actor: str) -> Customer:
        """What was decided of a proposal is undone: it is open as it was. Raises NotFound, Conflict without one."""
        return await self._decide("proposed", "proposed", customer, other, actor, "")

    async def _decide(self, kind: str, state: str, customer: str, other: str, actor: str, reason: str) -> Customer:
        for _ in range(TRIES):
            records, now = await self._records(customer, other), self._clock.now()
            held = relations(records[customer]).get(other, {})
            if held.get("state") == state:
                return self._person(records, customer)
            _check(state, held, customer, other, is_one=other in members(records, customer))
            before = held if state != "proposed" else _proposed(records[customer], other)
            told = {
                "kind": "merge",
                "state": state,
                "how": _how(state, before),
                "at": now,
                "by": actor,
                "reason": reason,
            }
            fields = related(records, customer, other, {**_grounds(before), **told})
            for id_, each in fields.items():
                each["revision"] = records[id_].revision + 1
            after = {id_: each.model_copy(update=fields.get(id_, {})) for id_, each in records.items()}
            change = CustomersChange(
                subject=customer,
                revision=after[customer].revision,
                changes=[RecordChange.between(each, after[id_]) for id_, each in records.items()],
                events={
                    f"customer.{'parted' if is_linked(held) else kind}": feed_data(after, customer, [other], actor)
                },
            )
            if await change_records(self._engine, self._keys, change, now):
                return self._person(after, customer)
        raise EngineUnavailable(f"{customer}: the records changed {TRIES} times in a row")

    async def _records(self, *customers: str) -> dict[str, Customer]:
        """All records of these people. Raises NotFound, Conflict."""
        if len(set(customers)) < len(customers):
            raise Conflict("that is one and the same record")
        found = await load_records(self._engine, self._keys, customers)
        demand_kept(found, *customers)
        return found

    @staticmethod
    def _person(records: Mapping[str, Customer], customer: str) -> Customer:
        return as_one(records[id_] for id_ in members(records, customer))


def _check(state: str, held: Entry, customer: str, other: str, *, is_one: bool) -> None:
    if state == "parted" and not is_linked(held):
        raise Conflict(f"{customer} and {other} are not linked to each other")
    if state == "declined" and is_one:
        raise Conflict(f"{customer} and {other} are one person; part them first, where `links` says joined")


def _grounds(held: Entry) -> Entry:
    """What was known when it is decided: only more than that is proposed again."""
    return {name: held[name] for name in ("identity", "with", "evidence", "weight", "again") if name in held}


def _proposed(record: Customer, other: str) -> Entry:
    """The newest proposal between the two. Raises Conflict."""
    entries = (each for each in reversed(record.links) if each.get("customer") == other)
    found: Entry | None = next((each for each in entries if each.get("state") == "proposed"), None)
    if found is None:
        raise Conflict(f"nothing was proposed of {record.id} and {other}")
    return found


def _how(state: str, before: Entry) -> str:
    if state == "proposed":
        return str(before.get("how", ""))
    return {"joined": "somebody said that they are one person", "parted": "somebody ended the link"}.get(
        state, "somebody said that they are not the same"
    )
