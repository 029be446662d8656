"""The third column: who the customer is, how well that is proven, their other tickets, and why the ticket is here."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...config.errors import NotFound
from ...config.field_settings import Declared
from ...config.settings import Settings
from ...normalizer.channel_facts import Channels
from ...normalizer.envelope import Assurance
from ...normalizer.joining import NOTHING
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...router.candidacy import candidacy
from ...router.held_senders import HeldSenders
from ...router.person import as_one
from ...router.policy import CurrentPolicy
from ...router.proof_request import ProofRequest
from ...router.proof_requests import ProofStore
from ...router.reader import Reader
from ...router.records import Customer, Ticket
from ...router.sight import Sight, admits
from ...router.stored_ticket import StoredTicket
from ..access.veil import seen_among
from .deadlines import Deadline, answer_deadline
from .person_names import IdentityWords, identity_words
from .proof_words import PROOFS, Proof
from .record_form import Input, newest_writing, record_inputs, shown_fields, ticket_inputs
from .related_records import RelatedRecord, related_records
from .ticket_lists import TicketLists
from .why import Why, why

TICKETS = 8


@dataclass(frozen=True, kw_only=True)
class KnownAs:
    """One identity as it is shown."""

    words: IdentityWords
    proof: Proof
    evidence: str
    since: int


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Who the customer is."""

    name: str
    names: Sequence[str]
    company: str
    segment: str
    language: str
    zone: str
    notes: str
    identities: Sequence[KnownAs]
    named: Sequence[IdentityWords]
    external_ids: Mapping[str, str]
    fields: Mapping[str, str]
    inputs: Sequence[Input]
    written_at: int
    since: int


@dataclass(frozen=True, kw_only=True)
class Person:
    """The column as the template takes it."""

    profile: Profile | None
    ticket_inputs: Sequence[Input]
    related: Sequence[RelatedRecord]
    merged: Sequence[Ticket] = ()
    others: Sequence[Ticket]
    others_more: int
    elsewhere: int = 0  # of their newest other tickets, those in queues that are not seen
    why: Why
    deadline: Deadline | None
    rules: Sequence[str]
    queues: Sequence[str]
    agents: Sequence[tuple[str, str]]
    asked: ProofRequest | None = None  # what they were asked to prove
    held: int = 0  # messages of who opened it, which wait because they wrote so much
    named: frozenset[str] = frozenset()  # of the tickets that it was split out of or follows, those that are seen
    opened: str = ""  # why the message that opened the ticket joined no other, where it names one


class People:
    """Makes the third column."""

    def __init__(self, engine: Engine, clock: Clock, reader: Reader, lists: TicketLists, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._clock = clock
        self._proofs = ProofStore(engine)
        self._held = HeldSenders(engine)
        self._reader = reader
        self._lists = lists
        self._policy = policy

    async def of(self, stored: StoredTicket, agent: str, sight: Sight | None = None) -> Person:
        """The column beside this ticket, for this agent, who sees so much."""
        ticket, policy = stored.record, self._policy()
        settings = policy.settings
        records = await self._records(ticket.customer)
        before = [each for each in (ticket.split_from, ticket.follow_up_of) if each]
        others, merged, related, decisions, able, asked = await asyncio.gather(
            self._lists.of_customer((each.id for each in records), TICKETS + 1),
            self._reader.stored(ticket.merged),
            related_records(records, self._reader, self._lists, policy.channels, settings.agent_names),
            self._reader.decisions(ticket.id),
            candidacy(self._engine, policy, stored, self._clock.now()),
            self._proofs.of(ticket.id, self._clock.now()),
        )
        case = {ticket.id, *ticket.merged}
        theirs = [each.record for each in others.tickets if each.record.id not in case][:TICKETS]
        shown = [each for each in theirs if admits(sight, each)]
        return Person(
            profile=profile(as_one(records), policy.channels, settings.customer_fields) if records else None,
            ticket_inputs=ticket_inputs(ticket, settings.ticket_fields),
            related=related,
            merged=[each.record for each in merged if each is not None],
            others=shown,
            elsewhere=len(theirs) - len(shown),
            others_more=max(0, others.total - len(others.tickets)),
            asked=asked,
            named=await seen_among(before, sight, self._reader),
            held=await self._held.count(stored),
            opened=stored.work.join_reason if stored.work.join_reason != NOTHING else "",
            why=why(stored, decisions, able, settings.agent_names, reader=agent),
            deadline=answer_deadline(stored),
            rules=ticket.rules,
            queues=list(settings.queues),
            agents=_colleagues(settings, ticket.queue),
        )

    async def _records(self, customer: str | None) -> Sequence[Customer]:
        try:
            return await self._reader.records(customer) if customer else ()
        except NotFound:
            return ()


def profile(customer: Customer, channels: Channels, declared: Declared) -> Profile:
    """A customer as they are shown: the name that was written or the newest first, the best proven identity first."""
    names = [name for name in dict.fromkeys((customer.name, *reversed(customer.names))) if name]
    identities = sorted(customer.identities, key=lambda identity: (-identity.assurance, identity.since))
    return Profile(
        name=_name(customer, names, identities[0].key if identities else "", channels),
        names=names[1:],
        company=customer.company,
        segment=customer.segment,
        language="" if customer.language == "unknown" else customer.language,
        zone=customer.time_zone,
        notes=customer.notes,
        identities=[
            KnownAs(
                words=identity_words(identity.key, channels),
                proof=PROOFS[Assurance(identity.assurance)],
                evidence=identity.evidence,
                since=identity.since,
            )
            for identity in identities
        ],
        named=[identity_words(key, channels) for key in _only_named(customer)],
        external_ids=customer.external_ids,
        fields=shown_fields(customer.fields, declared),
        inputs=record_inputs(customer, declared),
        written_at=newest_writing(customer),
        since=customer.created_at,
    )


def _only_named(customer: Customer) -> Sequence[str]:
    """The identities that sources name of them, and that are not known as theirs."""
    known = {each.key for each in customer.identities}
    return [each.key for each in customer.named if each.key not in known]


def _name(customer: Customer, names: Sequence[str], key: str, channels: Channels) -> str:
    if customer.erased_at is not None:
        return "Erased customer"
    return names[0] if names else identity_words(key, channels).value


def _colleagues(settings: Settings, queue: str) -> list[tuple[str, str]]:
    return [(id_, agent.name) for id_, agent in sorted(settings.agents.items()) if queue in agent.queues]
