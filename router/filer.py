"""The filer: puts one envelope into a ticket.

Resolve, decide, plan, and then one script writes everything. When the script finds that something changed since it was
resolved, it has written nothing, and the envelope is resolved again. An envelope that was filed before is recognised.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from ..config.errors import EngineUnavailable
from ..normalizer.envelope import Envelope
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.dedup import digest
from ..queue.intake import BlobStore
from ..queue.scripts import Script
from ..queue.work import Entry, WorkQueue
from .acknowledgement import acknowledgement
from .filing_plan import Body, FilingPlan, article_body, body_of, is_long, packed_body, plan_filing
from .placement import place
from .policy import CurrentPolicy
from .reply_route import OutgoingId, Routes, reply_address
from .resolving import Resolution, Resolver
from .ticket_keys import TicketKeys

TRIES = 20  # a conflict means that somebody else got on, so this many in a row are beyond chance

_FILE = Script.beside(__file__, "file_message.lua")
_RECIPIENTS = Script.beside(__file__, "add_recipients.lua")


class ReadableBlobStore(BlobStore, Protocol):
    """Blobs that can be read as well."""

    async def put_packed(self, content: bytes) -> str:
        """As `put`, sharing a file with others that come at the same moment."""

    async def get(self, name: str) -> bytes:
        """The bytes."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an envelope comes from: the entry of the intake queue that its filing settles, and its raw bytes."""

    entry: Entry | None = None
    last: bool = True  # envelope of its entry: filing it finishes the entry
    released: bool = False  # a person has looked at it: it is not suspended again
    raw: Mapping[str, Any] | None = None  # fields of the article that keep the bytes as they came
    raw_blob: str = ""


@dataclass(frozen=True, kw_only=True)
class Filed:
    """What became of an envelope; `cause` says why it is to be suspended."""

    outcome: Literal["filed", "known", "stale", "suspend"]
    ticket: str = ""
    cause: str = ""


class Filer:
    """Files envelopes of a workspace."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        blobs: ReadableBlobStore,
        *,
        policy: CurrentPolicy,
        routes: Routes,
        outgoing_id: OutgoingId,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._blobs = blobs
        self._policy = policy
        self._routes = routes
        self._outgoing_id = outgoing_id
        self._keys = TicketKeys(engine)
        self._intake = WorkQueue(engine, "intake")
        self._resolver = Resolver(engine)

    async def file(self, envelope: Envelope, origin: Origin) -> Filed:
        """File one message. Raises EngineUnavailable or EngineFull."""
        texts = body_of(envelope)
        key = envelope.filing_key(one_article=self._policy().channels[envelope.channel].one_article)
        for _ in range(TRIES):
            body = article_body(texts, await self._blobs.put_packed(packed_body(texts)) if is_long(texts) else "")
            found = await self._resolver.resolve(envelope, key)
            if found.filed:
                return await self._known(envelope, *found.filed)
            plan = self._plan(envelope, found, body, origin)
            if isinstance(plan, str):
                return Filed(outcome="suspend", cause=plan)
            reply = await self._engine.run(_FILE, self._file_keys(plan), self._arguments(plan, key, origin))
            match reply[0]:
                case b"FILED":
                    return Filed(outcome="filed", ticket=plan.ticket)
                case b"STALE":
                    return Filed(outcome="stale")
                case b"KNOWN":
                    return await self._known(envelope, reply[1].decode(), reply[2].decode())
        raise EngineUnavailable(f"{envelope.raw_id}: what was resolved changed {TRIES} times in a row")

    def _plan(self, envelope: Envelope, found: Resolution, body: Body, origin: Origin) -> FilingPlan | str:
        """The plan, or the cause for which a rule sets the message aside."""
        policy, now = self._policy(), self._clock.now()
        placement = place(envelope, found, policy)
        if placement.verdict.suspend and not origin.released:
            return placement.verdict.suspend
        address = reply_address(envelope, self._routes)
        plan = plan_filing(envelope, found, placement=placement, address=address, body=body, now=now)
        return replace(
            plan,
            article_fields={**plan.article_fields, **(origin.raw or {})},
            blobs=[*plan.blobs, *([origin.raw_blob] if origin.raw_blob else [])],
            acknowledgement=None
            if origin.released and origin.entry
            else acknowledgement(envelope, plan, placement, address, policy, self._outgoing_id, now),
        )

    def _file_keys(self, plan: FilingPlan) -> list[str]:
        keys = self._keys
        return [
            *keys.head(plan.ticket),
            *keys.filed,
            keys.identities,
            keys.threads,
            keys.customer(plan.customer),
            keys.articles(plan.ticket),
            keys.scopes(plan.ticket),
            keys.article(plan.article),
            keys.counters,
            *self._intake.settle_keys,
            *keys.outbox.push_keys,
            keys.article(plan.acknowledgement.article if plan.acknowledgement else "none"),
            keys.acknowledgements,
            keys.unsent,
            *keys.blobs,
            *(keys.customer(other.customer) for other in plan.others),
        ]

    def _arguments(self, plan: FilingPlan, filing_key: str, origin: Origin) -> list[str | bytes | int]:
        entry = origin.entry
        settle: dict[str, Any] = {"intake_sequence": 0}
        if entry is not None:
            settle = {
                "lane": entry.lease.lane.decode(),
                "token": str(entry.lease.token),
                "sequence": entry.sequence,
                "intake_sequence": entry.sequence,
                "done": origin.last,
                "release": origin.last and entry.last,
            }
        return [self._clock.now(), plan.control(settle), digest(filing_key), *plan.field_lists()]

    async def _known(self, envelope: Envelope, ticket: str, article: str) -> Filed:
        """A copy that came to another of our addresses only adds it to the article."""
        keys = [*self._keys.head(ticket), self._keys.article(article)]
        await self._engine.run(_RECIPIENTS, keys, [self._clock.now(), *envelope.recipients])
        return Filed(outcome="known", ticket=ticket)
