"""Splitting: articles of a ticket become a new ticket of the same customer, in one script, on what was seen.

Later answers to what has moved go to the new ticket: its message ids lead there, and a reply token of the old ticket
yields to them (`normalizer/joining.py`). To undo it is to merge the new ticket into the old one (`cases.py`).
"""

import asyncio
from collections.abc import Sequence

from ..config.errors import Conflict, EngineUnavailable, Invalid, NotFound, PreconditionFailed
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.identifiers import new_id, new_reference
from ..queue.scripts import Script
from .agreed import agreed_for
from .policy import CurrentPolicy
from .records import Ticket, field_list, json_bytes
from .split_plan import Listed, SplitPlan, SplitRequest, plan_split
from .stored_ticket import StoredArticle, StoredTicket, load_ticket
from .ticket_keys import TicketKeys

TRIES = 20

_SPLIT = Script.beside(__file__, "split_ticket.lua")


class Splits:
    """Splits the tickets of a workspace."""

    def __init__(self, engine: Engine, clock: Clock, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._keys = TicketKeys(engine)

    async def split(self, ticket: str, asked: SplitRequest, *, actor: str, revision: int | None = None) -> Ticket:
        """Make a ticket of these articles, which waits in its queue; returns it. What was split before is not again.

        Raises NotFound, Invalid, PreconditionFailed when the ticket is no longer at `revision`, and Conflict when these
        articles cannot be split off.
        """
        if asked.queue is not None and asked.queue not in self._policy().settings.queues:
            raise Invalid(f"there is no queue {asked.queue!r}", field="queue")
        for _ in range(TRIES):
            stored = await load_ticket(self._engine, ticket)
            if before := await self._made_before(stored, asked.articles):
                return before
            if stored.record.merged_into is not None:
                case = (await load_ticket(self._engine, stored.record.merged_into)).record.number
                raise Conflict(f"{stored.record.number} is merged into {case}; undo that first", merged_into=case)
            now = stored.record.revision
            if revision not in (None, now):
                raise PreconditionFailed(
                    f"the ticket is at revision {now}, not {revision}; read it again", revision=now
                )
            made = new_id(self._clock.now())
            plan = await self._plan(stored, asked, made)
            reply = await self._write(stored, plan, made, asked.reason, actor)
            if reply[0] == b"OK":
                return (await load_ticket(self._engine, made)).record
            if reply[0] == b"MISSING":
                raise NotFound(f"there is no ticket {ticket}")
        raise EngineUnavailable(f"{ticket}: it changed {TRIES} times in a row")

    async def _plan(self, stored: StoredTicket, asked: SplitRequest, made: str) -> SplitPlan:
        record, policy = stored.record, self._policy()
        return plan_split(
            stored,
            await self._listed(record.id),
            asked,
            made=made,
            reference=new_reference(),
            agreement=await agreed_for(self._engine, policy, record, queue=asked.queue, priority=asked.priority),
            now=self._clock.now(),
        )

    async def _write(
        self, stored: StoredTicket, plan: SplitPlan, made: str, reason: str, actor: str
    ) -> Sequence[bytes]:
        keys, ticket = self._keys, stored.record.id
        reply: Sequence[bytes] = await self._engine.run(
            _SPLIT,
            {
                "ticket": keys.ticket(ticket),
                "made": keys.ticket(made),
                "desk": keys.desk,
                "places": keys.places(ticket),
                "made_places": keys.places(made),
                "threads": keys.threads,
                "counters": keys.counters,
                "shown": keys.article(plan.shown or made),
                "articles": [keys.article(each.stored.record.id) for each in plan.moved],
            },
            {
                "now": self._clock.now(),
                "actor": actor,
                "reason": reason,
                "based_on": stored.record.revision,
                "plan": json_bytes(plan.control(ticket, made)),
                "left_fields": field_list(plan.left),
                "made_fields": field_list(plan.made),
            },
        )
        return reply

    async def _listed(self, ticket: str) -> list[Listed]:
        members = await self._engine.call("ZRANGE", self._keys.articles(ticket), 0, -1)
        names = [member.decode() for member in members]
        articles = await asyncio.gather(*(self._article(name[-36:]) for name in names))
        return [
            Listed(member=name, stored=each) for name, each in zip(names, articles, strict=True) if each is not None
        ]

    async def _made_before(self, stored: StoredTicket, articles: Sequence[str]) -> Ticket | None:
        """The ticket that these articles were split into, if that was done before."""
        found = await asyncio.gather(*map(self._article, articles))
        homes = {each.record.ticket for each in found if each is not None}
        if None in found or len(homes) != 1 or stored.record.id in homes:
            return None
        made = (await load_ticket(self._engine, homes.pop())).record
        return made if made.split_from == stored.record.id else None

    async def _article(self, article: str) -> StoredArticle | None:
        flat = await self._engine.call("HGETALL", self._keys.article(article))
        return StoredArticle.from_flat(flat) if flat else None
