"""The filer: puts one envelope into a ticket.

Resolve, decide, plan, and then one script writes everything. When the script finds that something changed since it was
resolved, it has written nothing, and the envelope is resolved again. An envelope that was filed before is recognised.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..config.errors import EngineUnavailable
from ..normalizer.closing_words import says_of
from ..normalizer.copies import FilingKeys, filing_keys
from ..normalizer.envelope import Envelope
from ..normalizer.interleaved import with_answers
from ..normalizer.quotations import quotation
from ..queue.blobs import Blobs
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.dedup import digest
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from ..queue.work import Entry, WorkQueue
from .acknowledgement import acknowledgement, hears
from .article_body import Body, article_body, body_of, is_long, packed_body
from .blocked_senders import BlockedSenders
from .customer_history import CustomerHistories
from .customer_values import ids_in
from .facts import History
from .filed_copies import Copy, find_copy
from .filing_plan import FilingPlan, plan_filing
from .late_proof import LateProofs
from .mapped_fields import mapped_fields
from .placement import place
from .policy import CurrentPolicy
from .private_fields import ArticleWork
from .proof_request import ProofAnswer, answer_to, codes_in
from .proof_requests import ProofStore
from .quotations import read_quoted
from .reader import Reader
from .records import field_list
from .reopening import Reopening
from .reply_route import OutgoingId, Routes, reply_address
from .resolver import Resolution, Resolver
from .sender_caps import cap_of
from .sent_ids import SentIds
from .suggestions import Suggestions
from .ticket_keys import TicketKeys

TRIES = 20  # a conflict means that somebody else got on, so this many in a row are beyond chance
TOGETHER = 3  # tries beside others; whoever loses more often tries on alone, so that many messages of one person get on

_FILE = Script.beside(__file__, "file_message.lua")
_RECIPIENTS = Script.beside(__file__, "add_recipients.lua")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an envelope comes from: the entry of the intake queue that its filing settles, and its raw bytes."""

    entry: Entry | None = None
    last: bool = True  # envelope of its entry: filing it finishes the entry
    released: bool = False  # a person has looked at it: it is not suspended again
    raw: ArticleWork = field(default_factory=ArticleWork)  # what keeps the bytes as they came


@dataclass(frozen=True, kw_only=True)
class Filed:
    """What became of an envelope; `cause` says why it is to be suspended, `held` that its sender wrote so much."""

    outcome: Literal["filed", "known", "stale", "suspend"]
    ticket: str = ""
    cause: str = ""
    held: bool = False


class Filer:
    """Files envelopes of a workspace."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        blobs: Blobs,
        *,
        policy: CurrentPolicy,
        routes: Routes,
        outgoing_id: OutgoingId,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._blobs = blobs
        self.policy = policy
        self._routes = routes
        self.outgoing_id = outgoing_id
        self._keys = TicketKeys(engine)
        self._intake = WorkQueue(engine, "intake")
        self._resolver = Resolver(engine, Reopening(policy, clock))
        self._blocked = BlockedSenders(engine, clock)
        self._sent_ids = SentIds(engine)
        self._late = LateProofs(engine=engine, clock=clock, policy=policy, routes=routes, outgoing_id=outgoing_id)
        self._reader = Reader(engine, blobs)
        self._proofs = ProofStore(engine)
        self._suggestions = Suggestions(engine, clock)
        self._histories = CustomerHistories(engine)
        self._in_turn = asyncio.Lock()

    async def file(self, envelope: Envelope, origin: Origin) -> Filed:
        """File one message. Raises EngineUnavailable or EngineFull."""
        envelope = self._understood(await self._with_answers(envelope))
        texts = body_of(envelope)
        channel = self.policy().channels[envelope.channel]
        keys, one_article = filing_keys(envelope, channel), channel.one_article
        for tried in range(TRIES):
            async with self._in_turn if tried >= TOGETHER else nullcontext():
                if filed := await self._try(envelope, texts, keys, origin, one_article=one_article):
                    return filed
        raise EngineUnavailable(f"{envelope.raw_id}: what was resolved changed {TRIES} times in a row")

    async def _try(
        self, envelope: Envelope, texts: Mapping[str, str], keys: FilingKeys, origin: Origin, *, one_article: bool
    ) -> Filed | None:
        """File it by what is known now; None when that changed meanwhile."""
        body = article_body(texts, await self._blobs.put_packed(packed_body(texts)) if is_long(texts) else "")
        found = await self._resolver.resolve(envelope, keys, self._ids(envelope))
        copy = await find_copy(self._reader, envelope, found, one_article=one_article)
        if copy and copy.one:
            if await self._proven(envelope, found, copy, origin) and await self._known(envelope, copy):
                return Filed(outcome="known", ticket=copy.ticket)
            return None
        if copy and copy.beside:
            found = await self._resolver.beside(envelope, found, copy.ticket, "a copy of it came before")
        # Only now: what is filed already, and looked at again for its proof, is in its ticket and nowhere else.
        if not origin.released and (cause := await self._blocked.cause(envelope)):
            return Filed(outcome="suspend", cause=cause)
        wrote, found, proof = await self._with_proof(envelope, found, keys)
        asked = self.policy().rules.asks_for_history and not found.join.ticket
        history = await self._histories.of(found.person) if asked else None
        plan = self._plan(wrote, found, body, origin, proof, history)
        if isinstance(plan, str):
            return Filed(outcome="suspend", cause=plan)
        plan = await self._suggesting(plan, envelope, found)
        reply = await self._engine.run(_FILE, self._file_keys(plan), self._arguments(plan, keys, found, origin))
        return _outcome(reply[0], plan)

    async def _with_answers(self, envelope: Envelope) -> Envelope:
        """With what was written between the lines of ours that it quotes, where it names our message."""
        if not envelope.quoted or not envelope.in_reply_to:
            return envelope
        named = (envelope.channel, envelope.account, envelope.in_reply_to)
        found = await self._sent_ids.article(self.policy().channels, *named)
        stored = await self._reader.stored_article(found) if found else None
        if stored is None:
            return envelope
        facts = stored.work.outgoing
        quoted = await read_quoted(self._engine, facts.quotes, facts.account) if facts else ()
        return with_answers(envelope, "\n\n".join((stored.record.text, quotation(quoted))))

    async def _with_proof(
        self, envelope: Envelope, found: Resolution, keys: FilingKeys
    ) -> tuple[Envelope, Resolution, ProofAnswer | None]:
        """What it says to a request to prove an address that its ticket or case has, and with it who wrote."""
        tickets = dict.fromkeys(filter(None, (found.join.ticket, found.case))) if codes_in(envelope.text) else ()
        seen = next(filter(None, [await self._proofs.raw(ticket) for ticket in tickets]), "")
        if not seen:
            return envelope, found, None
        proven_from, key = self.policy().channels[envelope.channel].proven, await self._proofs.key()
        proof = answer_to(seen, envelope, proven_from=proven_from, key=key, now=self._clock.now())
        if proof is None or proof.kind != "given":
            return envelope, found, proof
        wrote = proof.envelope(envelope)
        return wrote, await self._resolver.resolve(wrote, keys, self._ids(wrote)), proof

    def _ids(self, envelope: Envelope) -> Sequence[str]:
        """The keys of ids in other systems that a message says of a sender who is proven."""
        return ids_in(mapped_fields(envelope, self.policy().settings.own_fields).customer)

    async def _suggesting(self, plan: FilingPlan, envelope: Envelope, found: Resolution) -> FilingPlan:
        """With the ticket that a new one seems to go on from."""
        queue = self.policy().settings.queues.get(plan.ticket_fields.get("queue", ""))
        known = await self._suggestions.goes_on(envelope, found, queue.goes_on_within) if plan.new and queue else None
        if known is None:
            return plan
        return replace(plan, ticket_fields={**plan.ticket_fields, "goes_on": known.model_dump()})

    def _understood(self, envelope: Envelope) -> Envelope:
        """With what it comes to, where that can be told; who may be named in it are its writer and our agents."""
        wrote = (envelope.sender.name, *(each.value.partition("@")[0] for each in envelope.sender.identities))
        says = says_of(envelope.text, (*wrote, *self.policy().settings.agent_names.values()))
        return envelope.model_copy(update={"says": says}) if says and envelope.is_spoken else envelope

    def _plan(
        self,
        envelope: Envelope,
        found: Resolution,
        body: Body,
        origin: Origin,
        proof: ProofAnswer | None,
        history: History | None,
    ) -> FilingPlan | str:
        """The plan, or the cause for which a rule sets the message aside."""
        policy, now = self.policy(), self._clock.now()
        placement = place(envelope, found, policy, history)
        if placement.verdict.suspend and not origin.released:
            return placement.verdict.suspend
        address = reply_address(envelope, self._routes)
        plan = plan_filing(
            envelope, found, placement=placement, address=address, body=body, raw=origin.raw, proof=proof, now=now
        )
        heard = hears(envelope, placement, policy, seen=plan.seen)
        plan = replace(plan, ticket_work=plan.ticket_work.model_copy(update={"hears": heard}))
        if origin.released and origin.entry:
            return plan
        plan = replace(plan, cap=cap_of(envelope, policy))
        answer = acknowledgement(envelope, plan, placement, address, policy, self.outgoing_id, now)
        return replace(plan, acknowledgement=answer)

    def _file_keys(self, plan: FilingPlan) -> ScriptKeys:
        keys = self._keys
        return {
            "intake": self._intake.keys,
            "settling": self._intake.settling,
            "register": keys.filed,
            "copies": keys.copies,
            "awaited": keys.awaited,
            "ticket": keys.ticket(plan.ticket),
            "case": keys.ticket(plan.case),
            "desk": keys.desk,
            "places": keys.places(plan.ticket),
            "article": keys.article(plan.article),
            "acknowledgement": keys.article(plan.acknowledgement.article if plan.acknowledgement else "none"),
            "outbox": keys.outgoing,
            "media": keys.media.keys,
            "blobs": keys.blobs,
            "identities": keys.identities,
            "threads": keys.threads,
            "proofs": self._proofs.keys,
            "counters": keys.counters,
            "acknowledgements": keys.acknowledgements,
            "senders": keys.senders,
            "directory": keys.directory,
            "passed_on": keys.passed_on,
            "customers": [keys.customer(change.customer) for change in plan.customer.changes],
        }

    def _arguments(self, plan: FilingPlan, keys: FilingKeys, found: Resolution, origin: Origin) -> ScriptArguments:
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
        return {
            "now": self._clock.now(),
            "plan": plan.control(settle),
            "own": digest(keys.own),
            "own_seen": found.own,
            "shared": digest(keys.shared) if keys.shared else b"",
            "shared_seen": found.shared,
            "ticket_fields": field_list({**plan.ticket_fields, **plan.ticket_work.named()}),
            "article_fields": field_list({**plan.article_fields, **plan.article_work.named()}),
            "acknowledgement_fields": field_list(plan.acknowledgement.fields if plan.acknowledgement else {}),
        }

    async def _proven(self, envelope: Envelope, found: Resolution, copy: Copy, origin: Origin) -> bool:
        """What is found out about a message that was filed before; False when it has to be resolved again."""
        if envelope.origin is None or envelope.origin.state == "pending":
            return True
        return await self._late.write(envelope, found, copy, origin.entry, quiet=origin.released)

    async def _known(self, envelope: Envelope, copy: Copy) -> bool:
        """A copy that came to another of our addresses only adds it to the article; False when that has moved."""
        ticket, article = copy.ticket, copy.article
        added = await self._engine.run(
            _RECIPIENTS,
            {"ticket": self._keys.ticket(ticket), "desk": self._keys.desk, "article": self._keys.article(article)},
            {"now": self._clock.now(), "addresses": envelope.recipients},
        )
        return bool(added >= 0)


def _outcome(answer: bytes, plan: FilingPlan) -> Filed | None:
    """What the script's answer comes to; None where it is resolved again: something changed, or a copy was filed."""
    match answer:
        case b"FILED":
            return Filed(outcome="filed", ticket=plan.ticket)
        case b"STALE":
            return Filed(outcome="stale")
        case b"TOO_MANY" if plan.cap is not None:
            return Filed(outcome="suspend", cause=plan.cap.cause, held=True)
    return None
