"""The proof of a message that was filed before it was known who wrote it.

A message whose sender could not be checked, because the DNS gave no answer, is filed at once as an unproven one. It
stays in the intake queue and is checked again; what is found out then is written here, once: the article has it, the
sender takes part in the ticket as they are proven, and the ticket that the message opened is acknowledged, unless an
agent has answered or finished it meanwhile. So does a copy that is the same in all that is shown and better proven: it
came another way, on which its proof was kept. Nothing else proves an article.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from ..config.errors import EngineUnavailable
from ..normalizer.envelope import Assurance, Envelope
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from ..queue.work import Entry, WorkQueue
from .acknowledgement import acknowledgement
from .article_body import Body
from .filed_copies import Copy
from .filing_plan import FilingPlan, assurance_of, plan_filing
from .opened_ticket import offered_writer
from .placement import place
from .policy import CurrentPolicy
from .private_fields import ArticleWork, TicketWork
from .records import field_list, json_bytes
from .reply_route import OutgoingId, Routes, reply_address
from .resolver import Resolution
from .stored_ticket import StoredArticle
from .ticket_keys import TicketKeys

_PROVE = Script.beside(__file__, "prove_message.lua")


@dataclass(frozen=True, kw_only=True)
class LateProofs:
    """Writes proofs that came late."""

    engine: Engine
    clock: Clock
    policy: CurrentPolicy
    routes: Routes
    outgoing_id: OutgoingId

    async def write(
        self, envelope: Envelope, found: Resolution, copy: Copy, entry: Entry | None, *, quiet: bool
    ) -> bool:
        """Write the proof of a message that is filed as this article; False when somebody else changed the records.

        Does nothing where the article waits for none and is as well proven, nor where nobody is known by the author's
        address any more: they are being erased, and this goes with them. `quiet`: nobody is acknowledged.
        """
        keys = TicketKeys(self.engine)
        stored = StoredArticle.from_flat(await self.engine.call("HGETALL", keys.article(copy.article)))
        waits = stored.work.origin_pending and stored.work.raw == envelope.raw_id
        if not waits and not (copy.same and assurance_of(envelope) > stored.record.author.assurance):
            return True
        flat = await self.engine.call("HGETALL", keys.ticket(copy.ticket))
        opened = TicketWork.from_hash(dict(zip(flat[::2], flat[1::2], strict=True)))
        plan = self._plan(envelope, found, copy, opened=opened.arrived_at == stored.record.created_at)
        if plan.customer.register:
            return True
        plan = replace(plan, acknowledgement=None) if quiet else plan
        answer = plan.acknowledgement
        args: ScriptArguments = {
            "now": self.clock.now(),
            "plan": plan.control(_facts(envelope, entry, plan)),
            "article_fields": field_list({name: plan.article_fields[name] for name in ("author", "origin")}),
            "acknowledgement_fields": field_list(answer.fields if answer else {}),
        }
        reply = await self.engine.run(_PROVE, self._script_keys(plan, keys), args)
        if reply == b"STALE":
            raise EngineUnavailable(f"{envelope.raw_id}: its lane was taken over")
        return bool(reply != b"CONFLICT")

    def _script_keys(self, plan: FilingPlan, keys: TicketKeys) -> ScriptKeys:
        intake = WorkQueue(self.engine, "intake")
        return {
            "intake": intake.keys,
            "settling": intake.settling,
            "ticket": keys.ticket(plan.ticket),
            "desk": keys.desk,
            "places": keys.places(plan.ticket),
            "article": keys.article(plan.article),
            "acknowledgement": keys.article(plan.acknowledgement.article if plan.acknowledgement else "none"),
            "outbox": keys.outgoing,
            "threads": keys.threads,
            "acknowledgements": keys.acknowledgements,
            "directory": keys.directory,
            "customers": [keys.customer(change.customer) for change in plan.customer.changes],
        }

    def _plan(self, envelope: Envelope, found: Resolution, copy: Copy, *, opened: bool) -> FilingPlan:
        """As it would have been filed, but where it was; `new` says that the ticket waits for its acknowledgement."""
        policy, now = self.policy(), self.clock.now()
        envelope = _naming_what_it_answers(envelope, found, copy.ticket)
        placement, address = place(envelope, found, policy), reply_address(envelope, self.routes)
        plan = plan_filing(
            envelope, found, placement=placement, address=address, body=Body(fields={}), raw=ArticleWork(), now=now
        )
        fields = offered_writer(placement)
        plan = replace(plan, ticket=copy.ticket, article=copy.article, new=opened, ticket_fields=fields)
        answer = acknowledgement(envelope, plan, placement, address, policy, self.outgoing_id, now)
        return replace(plan, acknowledgement=answer)


def _naming_what_it_answers(envelope: Envelope, found: Resolution, ticket: str) -> Envelope:
    """A message stays where it was filed; when it would have joined another ticket, its evidence says which."""
    if found.join.ticket in ("", ticket):
        return envelope
    first, *others = envelope.sender.identities
    number = json.loads(found.ticket[b"number"])
    first = first.model_copy(
        update={"evidence": f"{first.evidence}; it answers {number}, but was proven too late to join"}
    )
    return envelope.model_copy(update={"sender": envelope.sender.model_copy(update={"identities": (first, *others)})})


def _facts(envelope: Envelope, entry: Entry | None, plan: FilingPlan) -> dict[str, Any]:
    assurance = assurance_of(envelope)
    facts: dict[str, Any] = {"proves_ticket": plan.new and assurance >= Assurance.CHANNEL, "assurance": int(assurance)}
    if plan.new and plan.ticket_fields:
        facts["original_writer"] = json_bytes(plan.ticket_fields["original_writer"]).decode()
    if entry is not None:
        facts |= {"lane": entry.lease.lane.decode(), "token": str(entry.lease.token)}
    return facts
