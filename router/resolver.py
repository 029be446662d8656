"""Resolve: who wrote a message, and what it joins. Reads only.

What was found is re-checked by `file_message.lua` in the step that files, so a change in between is noticed there.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..normalizer.copies import FilingKeys
from ..normalizer.envelope import Assurance, Envelope
from ..normalizer.joining import COPIED, Join, Joinable, clues, join
from ..normalizer.same_person import named_beside, of_one_person
from ..queue.connection import Engine
from ..queue.dedup import digest
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from .customer_records import load_records
from .grounds import Grounds
from .person import as_one, members
from .proposals import Ground
from .records import Customer
from .reopening import NAMES, STAYS, CaseStanding, Reopening
from .ticket_keys import TicketKeys

FOLLOW = "follow:"
"""Before the id of a closed ticket: the thread key that leads to the one that follows it up."""

_RESOLVE = Script.beside(__file__, "resolve.lua")

Hash = Mapping[bytes, bytes]


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What was found at one moment."""

    own: str  # the place under the message's own filing key: ticket id, colon, article id; or ""
    former: str  # that under the key that it had in an earlier Trunkline
    shared: str  # those under the key that copies share, the newest first, separated by commas
    identities: Mapping[str, str]  # identity key → customer id or ""
    threads: Mapping[str, str]  # thread key → ticket id or ""
    records: Mapping[str, Customer]  # customer id → record, of all people whose identities these are, or may be
    person: Customer | None  # who wrote, with all their records, if known
    join: Join
    ticket: Hash  # the ticket joined, as stored; empty for a new one
    grounds: Sequence[Ground] = ()  # what speaks for it that others are the person who wrote
    full: frozenset[int] = frozenset()  # the weights of grounds of which there are enough proposals today
    status_seen: str = ""  # that of its case, where what the message says was judged by it
    stays: bool = False  # the case stays solved: nothing is said that needs anybody
    confirms: bool = False  # nothing but that the matter is done, or thanks, is said in answer
    solves: bool = False  # and the case's queue is solved by that

    @property
    def places(self) -> Sequence[tuple[str, str]]:
        """Ticket and article of every message that this may be a copy of, the likeliest first."""
        named = ",".join((self.own, self.former, self.shared)).split(",")
        return [(place[:36], place[37:]) for place in dict.fromkeys(filter(None, named))]

    @property
    def case(self) -> str:
        """The ticket that stands for the one joined: itself, or that into which it is merged."""
        return _merged_into(self.ticket) or self.join.ticket


class Resolver:
    """Looks things up for the filing of messages."""

    def __init__(self, engine: Engine, reopening: Reopening | None = None) -> None:
        self._engine = engine
        self._reopening = reopening
        self._keys = TicketKeys(engine)
        self._grounds = Grounds(engine)
        self._lookup: ScriptKeys = {
            "register": self._keys.filed,
            "copies": self._keys.copies,
            "identities": self._keys.identities,
            "threads": self._keys.threads,
        }

    async def resolve(self, envelope: Envelope, keys: FilingKeys, ids: Sequence[str] = ()) -> Resolution:
        """What is known of the message itself, of the sender and of the conversation.

        `ids` are the keys of ids in other systems that the message says of the sender.
        """
        people = [each.key for each in of_one_person(envelope.sender)]
        named = [each.key for each in named_beside(envelope.sender)]
        threads = list(dict.fromkeys([*(clue.key for clue in clues(envelope)), *envelope.announces]))
        (own, former, shared), customers, tickets = await self._look_up(keys, [*people, *named, *ids], threads)
        owners = dict(zip((*people, *named, *ids), customers, strict=True))
        known_threads = dict(zip(threads, tickets, strict=True))
        records = await load_records(self._engine, self._keys, filter(None, customers))
        wrote = next((owners[each] for each in people if owners[each] in records), None)
        joined = await self._joined(envelope, known_threads) if any(tickets) else (Join(), {})
        others = (
            {owner for owner in owners.values() if owner in records} - {*members(records, wrote)} if wrote else set()
        )
        grounds = await self._grounds.of(envelope, owners, records, *joined)
        records |= await load_records(self._engine, self._keys, {each.record for each in grounds} - records.keys())
        decided, standing = await self._judged(envelope, *joined)
        return Resolution(
            own=own,
            former=former,
            shared=shared,
            identities=owners,
            threads=known_threads,
            records=records,
            person=as_one(records[id_] for id_ in members(records, wrote)) if wrote else None,
            join=decided,
            ticket=joined[1],
            grounds=grounds,
            full=await self._grounds.full(envelope.received_at) if grounds or others else frozenset(),
            status_seen=standing.status if envelope.says else "",
            stays=decided is not joined[0],
            confirms=self._reopening is not None and self._reopening.confirms(standing, envelope),
            solves=self._reopening is not None and self._reopening.solves(standing, envelope),
        )

    async def _judged(self, envelope: Envelope, decided: Join, stored: Hash) -> tuple[Join, CaseStanding]:
        """The join, which says so where the ticket stays solved; and how the ticket stands."""
        standing = await self._standing(stored) if decided.ticket else CaseStanding()
        if self._reopening is None or not self._reopening.stays(standing, envelope):
            return decided, standing
        return replace(decided, reason=f"{decided.reason}; {STAYS}"), standing

    async def _look_up(
        self, keys: FilingKeys, people: Sequence[str], threads: Sequence[str]
    ) -> Sequence[Sequence[str]]:
        own, former, shared = (digest(key) if key else b"" for key in (keys.own, keys.former, keys.shared))
        asked: ScriptArguments = {"people": people, "conversations": threads}
        args: ScriptArguments = {**asked, "own": own, "former": former, "shared": shared}
        return [[one.decode() for one in part] for part in await self._engine.run(_RESOLVE, self._lookup, args)]

    async def _joined(self, envelope: Envelope, known: dict[str, str]) -> tuple[Join, Hash]:
        asked = [clue.key for clue in clues(envelope) if known[clue.key]]
        ids = list(dict.fromkeys(known[key] for key in asked))
        stored = dict(zip(ids, await asyncio.gather(*(self._hash(self._keys.ticket(id_)) for id_ in ids)), strict=True))
        tickets = {id_: await self._joinable(id_, each, envelope) for id_, each in stored.items() if each}
        found = {key: replace(tickets[known[key]], case="") for key in asked if known[key] in tickets}
        decided = join(envelope, found, await self._ours(envelope.channel, found))
        if decided.ticket:
            return decided, stored[decided.ticket]
        closed = tickets.get(decided.follow_up_of)
        return await self._followed(envelope, decided, closed, known) if closed else (decided, {})

    async def _ours(self, channel: str, found: Mapping[str, Joinable]) -> Sequence[str]:
        """Those of the thread keys that are messages which we sent."""
        sent = {f"sent:{key}": key for key in found if key.startswith(f"{channel}:")}
        values = await self._engine.call("HMGET", self._keys.threads, *sent) if sent else []
        return [key for key, value in zip(sent.values(), values, strict=True) if value is not None]

    async def _followed(
        self, envelope: Envelope, decided: Join, closed: Joinable, known: dict[str, str]
    ) -> tuple[Join, Hash]:
        """A closed ticket may have been followed up before: then the message belongs to its successor.

        Each ticket of a case has a successor of its own, because who takes part in one takes part in no other.
        """
        for _ in range(100):
            key = f"{FOLLOW}{closed.ticket}"
            successor = (await self._engine.call("HGET", self._keys.threads, key) or b"").decode()
            known[key] = successor
            if not successor:
                break
            stored = await self._hash(self._keys.ticket(successor))
            closed = await self._joinable(successor, stored, envelope)
            if not closed.closed:
                return replace(decided, ticket=successor, follow_up_of=""), stored
        return replace(decided, follow_up_of=closed.case or closed.ticket), {}

    async def _joinable(self, ticket: str, stored: Hash, envelope: Envelope) -> Joinable:
        """A ticket as joining sees it; who takes part in one says nothing of others in the same case."""
        standing = await self._standing(stored)
        over = self._reopening is not None and self._reopening.is_over(standing, envelope)
        return Joinable(
            ticket=ticket,
            number=str(json.loads(stored.get(b"number", b'""'))),
            closed=standing.status == "closed" or over,
            ended="was solved too long ago to be opened again" if over else "is closed",
            participants=_participants(stored),
            split_of=frozenset(json.loads(stored.get(b"_split_of", b"[]"))),
            case=_merged_into(stored),
        )

    async def _standing(self, stored: Hash) -> CaseStanding:
        """How the ticket that stands for this one stands."""
        case = _merged_into(stored)
        if case:
            pieces = await self._engine.call("HMGET", self._keys.ticket(case), *NAMES)
        else:
            pieces = [stored.get(name.encode()) for name in NAMES]
        return CaseStanding.of({name: json.loads(piece) for name, piece in zip(NAMES, pieces, strict=True) if piece})

    async def _hash(self, key: str) -> Hash:
        flat = await self._engine.call("HGETALL", key)
        return dict(zip(flat[::2], flat[1::2], strict=True))

    async def beside(self, envelope: Envelope, found: Resolution, ticket: str, reason: str) -> Resolution:
        """What was found, for a message that goes into this ticket if it joins none by itself and that one is open."""
        stored = {} if found.join.ticket else await self._hash(self._keys.ticket(ticket))
        if not stored or (await self._joinable(ticket, stored, envelope)).closed:
            return found
        return replace(found, join=Join(ticket=ticket, how="copy", reason=reason), ticket=stored)


def _participants(stored: Hash) -> Mapping[str, int]:
    """Who takes part; also whom a colleague's word makes the customer, for as long as it does."""
    participants: dict[str, int] = json.loads(stored.get(b"_participants", b"{}"))
    writer = json.loads(stored.get(b"original_writer", b"null"))
    if writer and writer["taken"]:
        key = f"email:{writer['address']}"
        participants[key] = max(participants.get(key, COPIED), int(Assurance.CLAIMED))
    return participants


def _merged_into(stored: Hash) -> str:
    return json.loads(stored.get(b"merged_into", b"null")) or ""
