"""Placement: the rules on one snapshot, and what the settings add, give a new ticket its queue, priority and weight."""

from dataclasses import dataclass, replace
from typing import Any

from ..config.settings import Settings
from ..normalizer.channel_facts import MESSAGE
from ..normalizer.envelope import Envelope
from .agreed import REGION
from .agreements import Promised
from .customer_values import with_values
from .facts import Facts, FileFacts, History, TicketState, Verdict
from .mapped_fields import MappedFields, mapped_fields
from .original_writers import original_writer, passed_on_by
from .own_fields import read_each, read_field
from .policy import Policy
from .private_fields import Agreement
from .records import Customer, OriginalWriter
from .resolver import Resolution

_NOBODY = Customer(id="", created_at=0, revision=0)


@dataclass(frozen=True, kw_only=True)
class Placement:
    """What the rules and the settings decided for a new ticket."""

    facts: Facts
    verdict: Verdict
    queue: str
    priority: int
    weight: int
    language: str
    config: str
    agreement: Agreement
    mapped: MappedFields
    passed_on_by: str = ""  # the agent who passes a message on with it
    original_writer: OriginalWriter | None = None


def facts_of(envelope: Envelope, found: Resolution, mapped: MappedFields, history: History | None = None) -> Facts:
    """What the rules see of a message, and of the customer as this message leaves them."""
    customer = with_values(found.person or _NOBODY, mapped.customer, by="", at=0)
    identity = envelope.sender.identities[0] if envelope.sender.identities else None
    return Facts(
        channel=envelope.channel,
        account=envelope.account,
        recipients=envelope.recipients,
        sender=identity.value if identity else "",
        subject=envelope.subject,
        text=envelope.text,
        language=envelope.language.code,
        assurance=int(identity.assurance) if identity else 0,
        automation=envelope.automation,
        came_as=str(envelope.ext.get("came_as") or MESSAGE),
        says=envelope.says,
        spam=envelope.spam.verdict if envelope.spam else "",
        spam_score=envelope.spam.score if envelope.spam else None,
        known_customer=found.person is not None,
        segment=customer.segment,
        company=customer.company,
        customer_fields=customer.fields,
        ticket_fields=mapped.ticket,
        attachments=bool(envelope.attachments),
        files=tuple(FileFacts(name=each.name, type=each.media_type, size=each.size) for each in envelope.attachments),
        history=history or History(),
        state=TicketState(messages=1),
        at=envelope.received_at,
    )


def place(envelope: Envelope, found: Resolution, policy: Policy, history: History | None = None) -> Placement:
    """Decide where a message goes if it opens a ticket."""
    settings = policy.settings
    mapped = mapped_fields(envelope, settings.own_fields)
    facts = facts_of(envelope, found, mapped, history)
    verdict = policy.rules.decide(facts)
    known = found.person.language if found.person else "unknown"
    written = envelope.language.code if envelope.language.code != "unknown" else known
    agent = passed_on_by(envelope, settings, policy.channels[envelope.channel])
    language = verdict.language or written
    promised = Promised(
        priority=verdict.priority,
        channel=envelope.channel,
        queue=verdict.queue,
        language=language,
        segment=facts.segment,
        region=str(facts.customer_fields.get(REGION) or ""),
    )
    return Placement(
        facts=facts,
        verdict=verdict,
        queue=verdict.queue,
        priority=verdict.priority,
        weight=settings.weight(envelope.channel),
        language=language,
        config=settings.version,
        agreement=policy.agreements.of(promised),
        passed_on_by=agent,
        original_writer=original_writer(envelope, settings, agent),
        mapped=replace(mapped, ticket={**mapped.ticket, **_said_by_rules(verdict, settings)}),
    )


def _said_by_rules(verdict: Verdict, settings: Settings) -> dict[str, Any]:
    """The values that rules have given to fields of the ticket, as the fields have them."""
    declared = settings.ticket_fields
    return read_each(verdict.fields, lambda name, value: read_field(name, value, declared, "ticket"))[0]
