"""What people decide about tickets: that two are one case, and that they are not after all.

A merged ticket keeps its articles, thread keys, participants and the address that it is answered at; it only says which
ticket stands for it (`case.lua`, decision 19). So messages that answer it are found as before and wake the other one,
and parting gives back exactly what is its own, also what came meanwhile. Each decision is one script.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..config.errors import Conflict, EngineUnavailable, NotFound, PreconditionFailed
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script
from .customer_records import load_records
from .person import members
from .records import Ticket
from .stored_ticket import StoredTicket, load_ticket
from .suggestions import Suggestions
from .ticket_keys import TicketKeys

MOST_TICKETS = 50
"""Tickets of one case."""
TRIES = 20

_MERGE = Script.beside(__file__, "merge_tickets.lua")
_UNMERGE = Script.beside(__file__, "unmerge_ticket.lua")


@dataclass(frozen=True, kw_only=True)
class MergePreview:
    """Two tickets, as they are before the first is merged into the second."""

    ticket: StoredTicket
    into: StoredTicket
    one_customer: bool


class Cases:
    """The decisions about tickets of a workspace."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = TicketKeys(engine)
        self._suggestions = Suggestions(engine, clock)

    async def preview(self, ticket: str, into: str) -> MergePreview:
        """What would be merged, by id or number. Raises NotFound, and Conflict as `merge` does."""
        one, other = await self._both(ticket, into)
        if one.record.merged_into:
            raise _is_merged(one.record, await self._number(one.record.merged_into))
        if other.record.merged_into:
            raise _into_merged(other.record, await self._number(other.record.merged_into))
        if other.record.status == "closed":
            raise _into_closed(other.record)
        if len(one.record.merged) + len(other.record.merged) + 2 > MOST_TICKETS:
            raise _too_many()
        return MergePreview(ticket=one, into=other, one_customer=await self._is_one(one.record, other.record))

    async def merge(
        self, ticket: str, into: str, *, actor: str, reason: str = "", revision: int | None = None
    ) -> Ticket:
        """The second stands for both from now on; saying it again changes nothing. Returns the second.

        Raises NotFound, PreconditionFailed when the first is no longer at `revision`, and Conflict when it cannot be.
        """
        for _ in range(TRIES):
            one, other = await self._both(ticket, into)
            parts = one.record.merged
            reply = await self._engine.run(
                _MERGE,
                {
                    "ticket": self._keys.ticket(one.record.id),
                    "into": self._keys.ticket(other.record.id),
                    "desk": self._keys.desk,
                    "parts": [self._keys.ticket(id_) for id_ in parts],
                },
                {
                    "now": self._clock.now(),
                    "actor": actor,
                    "reason": reason,
                    "based_on": revision,
                    "most": MOST_TICKETS,
                    "known": parts,
                },
            )
            match reply[0]:
                case b"OK" | b"SAME":
                    return await self._now(other)
                case b"MERGED":
                    raise _is_merged(one.record, await self._number(reply[1].decode()))
                case b"INTO_MERGED":
                    raise _into_merged(other.record, await self._number(reply[1].decode()))
                case b"CLOSED":
                    raise _into_closed(other.record)
                case b"MANY":
                    raise _too_many()
                case _:
                    _raise_if_missed(reply, ticket, revision)
        raise EngineUnavailable(f"{ticket}: its case changed {TRIES} times in a row")

    async def unmerge(self, ticket: str, *, actor: str, revision: int | None = None) -> Ticket:
        """Undo the merge of this ticket; what was merged into it stays so. Returns it.

        Raises NotFound, PreconditionFailed, and Conflict when it is not merged.
        """
        for _ in range(TRIES):
            one = await load_ticket(self._engine, ticket)
            if one.record.merged_into is None:
                raise Conflict(f"{one.record.number} is not merged into another ticket")
            case = await load_ticket(self._engine, one.record.merged_into)
            others = [id_ for id_ in case.record.merged if id_ != one.record.id]
            reply = await self._engine.run(
                _UNMERGE,
                {
                    "ticket": self._keys.ticket(one.record.id),
                    "case": self._keys.ticket(case.record.id),
                    "desk": self._keys.desk,
                    "others": [self._keys.ticket(id_) for id_ in others],
                },
                {
                    "now": self._clock.now(),
                    "actor": actor,
                    "based_on": revision,
                    "case_id": case.record.id,
                    "known": others,
                },
            )
            if reply[0] == b"OK":
                return await self._now(one)
            _raise_if_missed(reply, ticket, revision)
        raise EngineUnavailable(f"{ticket}: its case changed {TRIES} times in a row")

    async def decide_goes_on(self, ticket: str, *, accept: bool, actor: str) -> Ticket:
        """Merge it into the ticket that it seems to go on from, or say that it does not; again is fine. Returns it.

        Raises NotFound, and Conflict as `merge` does, or when nothing is suggested.
        """
        stored = await load_ticket(self._engine, ticket)
        record = stored.record
        if not accept:
            await self._suggestions.dismiss(record.id, "goes_on", actor=actor)
        elif record.goes_on is not None:
            await self.merge(record.id, record.goes_on.ticket, actor=actor)
        elif record.merged_into is None:
            raise Conflict(f"{record.number} is not said to go on from another ticket")
        return await self._now(stored)

    async def _both(self, ticket: str, into: str) -> tuple[StoredTicket, StoredTicket]:
        one, other = await asyncio.gather(load_ticket(self._engine, ticket), load_ticket(self._engine, into))
        if one.record.id == other.record.id:
            raise Conflict(f"{one.record.number} cannot be merged into itself")
        return one, other

    async def _is_one(self, one: Ticket, other: Ticket) -> bool:
        """Whether both are the same person's."""
        if one.customer is None or other.customer is None:
            return False
        records = await load_records(self._engine, self._keys, [one.customer, other.customer])
        return one.customer == other.customer or (
            one.customer in records and other.customer in members(records, one.customer)
        )

    async def _now(self, stored: StoredTicket) -> Ticket:
        return (await load_ticket(self._engine, stored.record.id)).record

    async def _number(self, ticket: str) -> str:
        return (await load_ticket(self._engine, ticket)).record.number


def _raise_if_missed(reply: Sequence[Any], ticket: str, revision: int | None) -> None:
    """Does nothing when it has to be tried again."""
    if reply[0] == b"MISSING":
        raise NotFound(f"there is no ticket {ticket}")
    if reply[0] == b"CHANGED":
        now = int(reply[1])
        raise PreconditionFailed(f"the ticket is at revision {now}, not {revision}; read it again", revision=now)


def _is_merged(ticket: Ticket, case: str) -> Conflict:
    return Conflict(f"{ticket.number} is merged into {case} already; undo that first", merged_into=case)


def _into_merged(ticket: Ticket, case: str) -> Conflict:
    return Conflict(f"{ticket.number} is itself merged into {case}; merge into {case}", merged_into=case)


def _into_closed(ticket: Ticket) -> Conflict:
    return Conflict(f"{ticket.number} is closed and stays as it is; merge it into the other one instead")


def _too_many() -> Conflict:
    return Conflict(f"one case has at most {MOST_TICKETS} tickets")
