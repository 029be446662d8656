"""The plan of one filing: everything that `file_message.lua` writes, worked out beforehand by pure functions.

From the envelope, what was resolved and what the rules decided, it says which customer, which ticket and which article
there will be, with all ids chosen, so that the script only has to check and write.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..normalizer.envelope import Assurance, Envelope
from ..normalizer.joining import ANSWERED, COPIED, PROVEN
from ..normalizer.same_person import of_one_person
from ..normalizer.subjects import bare_subject
from ..queue.identifiers import new_id
from .addressees import Known, written_to
from .article_body import Body
from .customer_plan import CustomerPlan, plan_customer
from .customer_records import told
from .file_fetches import fetches_of, references_of
from .opened_ticket import ticket_fields
from .own_fields import with_fields
from .passed_on import index_members
from .placement import Placement
from .preview import PREVIEWED, preview_words
from .private_fields import Agreement, ArticleWork, Preview, TicketWork
from .proof_request import ProofAnswer
from .records import Author, Settled, json_bytes
from .reply_route import ReplyAddress
from .resolver import FOLLOW, Resolution
from .search_words import article_words
from .sender_caps import SenderCap
from .standing import is_left_open, is_seen

MOST_COPIED = 50  # people of one message who may join in


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """The article that tells the customer the case number; `{{number}}` stands for it until the script knows it."""

    article: str
    thread: str
    limits: Mapping[str, Any]  # what else must be true (acknowledge.lua)
    fields: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class FilingPlan:
    """What will be written."""

    ticket: str
    case: str
    article: str
    customer: CustomerPlan
    new: bool
    ticket_fields: Mapping[str, Any]
    fields_seen: str | None  # the fields of a ticket that there is, as they lie in the engine
    ticket_work: TicketWork
    article_fields: Mapping[str, Any]
    article_work: ArticleWork
    expected_identities: Mapping[str, str]
    expected_threads: Mapping[str, str]
    register_threads: Sequence[str]
    order: str
    scope: str
    wakes: bool
    status_seen: str
    settled: Settled | None  # what the message says of the matter
    solves: bool  # by that, as its queue has it
    actor: str
    participants: Mapping[str, int]
    blobs: Sequence[str] = field(default_factory=tuple)
    fetches: Sequence[Mapping[str, Any]] = ()  # files that are not here yet (file_fetches.py)
    passed_on: Sequence[str] = ()
    proof: ProofAnswer | None = None  # what the message says to a request to prove an address
    seen: bool = False  # the address of who wrote (standing.py)
    cap: SenderCap | None = None
    acknowledgement: Acknowledgement | None = None

    def control(self, settle: Mapping[str, Any]) -> bytes:
        """The plan as the script reads it."""
        names: Sequence[str] = (
            *("ticket", "case", "article", "new", "fields_seen", "order", "scope", "wakes", "actor"),
            *("status_seen", "solves"),
        )
        control = {name: getattr(self, name) for name in names}
        if self.settled is not None:
            control["settled"] = self.settled.model_dump(mode="json", exclude_defaults=True)
        control |= {
            "identities": dict(self.expected_identities),
            "threads": dict(self.expected_threads),
            "participants": dict(self.participants),
            "customers": [each.planned() for each in self.customer.changes],
            "customer_events": told(self.customer.events),
            "wrote": self.customer.customer,
            "wrote_revision": self.customer.revision,
            "register_identities": dict(self.customer.register),
            "register_threads": list(self.register_threads),
            "blobs": list(self.blobs),
            "fetches": list(self.fetches),
            "passed_on": list(self.passed_on),
        }
        if self.proof is not None:
            control["proof"] = self.proof.planned()
        if self.cap is not None:
            control["cap"] = {"name": self.cap.name, "most": self.cap.most}
        if self.acknowledgement is not None:
            names = ("article", "thread", "limits")
            control["acknowledge"] = {name: getattr(self.acknowledgement, name) for name in names}
        return json_bytes(control | dict(settle))


def plan_filing(
    envelope: Envelope,
    found: Resolution,
    *,
    placement: Placement,
    address: ReplyAddress | None,
    body: Body,
    raw: ArticleWork,
    proof: ProofAnswer | None = None,
    now: int,
) -> FilingPlan:
    """Work out the filing of one message."""
    new = not found.join.ticket
    ticket, article = found.join.ticket or new_id(now), new_id(now)
    asked = proof.request if proof and proof.kind == "given" else None
    person = plan_customer(envelope, found, now, placement.mapped.customer, asked)
    attachments = [each.sha256 for each in envelope.attachments if each.sha256]
    written = _article(envelope, found, article, ticket, person.customer, body)
    return FilingPlan(
        ticket=ticket,
        case=found.case or ticket,
        article=article,
        customer=person,
        new=new,
        ticket_fields=_fields_of_ticket(envelope, found, placement, ticket, person.customer, now),
        fields_seen=None if new else found.ticket.get(b"fields", b"{}").decode(),
        ticket_work=(
            _new_work(envelope, found, placement, address, article) if new else _further_work(envelope, found, article)
        ),
        article_fields=written,
        article_work=_article_work(envelope, raw, body, article_words(written, envelope.text)),
        expected_identities=found.identities,
        expected_threads=found.threads,
        register_threads=_announced(envelope, found, new=new),
        order=envelope.order,
        scope=_scope(envelope),
        wakes=envelope.is_spoken and not found.stays,
        status_seen=found.status_seen,
        settled=_settled(envelope, found, article),
        solves=found.solves and not new,
        actor=f"customer:{person.customer}",
        participants=_participants(envelope),
        blobs=[*filter(None, (body.blob, raw.raw_blob)), *attachments],
        fetches=fetches_of(
            envelope.attachments, article=article, ticket=ticket, channel=envelope.channel, account=envelope.account
        ),
        passed_on=index_members(article, envelope.originals),
        proof=proof,
        seen=is_seen(envelope, found.identities, found.records),
    )


def _fields_of_ticket(
    envelope: Envelope, found: Resolution, placement: Placement, ticket: str, customer: str, now: int
) -> dict[str, Any]:
    """All of a new ticket; of one that there is those that the message changes."""
    if not found.join.ticket:
        return ticket_fields(envelope, found, placement, ticket, customer, now)
    return _filled(found, placement) | _window(envelope, found.ticket)


def _filled(found: Resolution, placement: Placement) -> dict[str, Any]:
    """The fields of a ticket that there is, when a proven sender says others."""
    if not placement.mapped.is_proven or not placement.mapped.ticket:
        return {}
    return {"fields": with_fields(json.loads(found.ticket.get(b"fields", b"{}")), placement.mapped.ticket)}


def _window(envelope: Envelope, stored: Mapping[bytes, bytes]) -> dict[str, Any]:
    """Until when the ticket can be answered freely, where its answers go the way by which this message came."""
    address = json.loads(stored.get(b"_reply_to", b"null"))
    known = json.loads(stored.get(b"reply_by", b"null")) or 0
    if envelope.reply_by is None or address is None or envelope.reply_by <= known:
        return {}
    here = (address["channel"], address["account"]) == (envelope.channel, envelope.account)
    return {"reply_by": envelope.reply_by} if here else {}


def _new_work(
    envelope: Envelope, found: Resolution, placement: Placement, address: ReplyAddress | None, article: str
) -> TicketWork:
    """The private fields of a new ticket, which waits since its message arrived."""
    return TicketWork(
        arrived_at=envelope.received_at,
        **owed_since(envelope.received_at, placement.agreement),
        weight=placement.weight,
        facts=placement.facts.model_dump(mode="json", exclude={"subject", "text"}),
        join_reason=found.join.reason,
        reply_to=address,
        preview=_preview(envelope, article),
        **_copied(envelope, None, address),
        **_thread(envelope, new=True),
    )


def owed_since(arrived: int, agreement: Agreement) -> dict[str, Any]:
    """The private fields that say what a ticket whose message came then owes; its clocks begin by them."""
    soon = min(agreement.targets.values())
    return {"sla": agreement, "target_ms": soon, "due": arrived + soon}


def _further_work(envelope: Envelope, found: Resolution, article: str) -> TicketWork:
    """What a further message changes in them."""
    copied = _copied(envelope, Known.of(found.ticket), None)
    subject = _subject_now(envelope, json.loads(found.ticket.get(b"subject", b'""')))
    moved = _moved(envelope, found.ticket)
    return TicketWork(preview=_preview(envelope, article), **copied, **_thread(envelope, new=False), **subject, **moved)


def _moved(envelope: Envelope, stored: Mapping[bytes, bytes]) -> dict[str, Any]:
    """Answers go into the conversation of this message from now on, where its channel wants that (`reply_there`).

    Such as below the newest of several public posts; the person and the account stay the same.
    """
    known = json.loads(stored.get(b"_reply_to", b"null"))
    if not envelope.ext.get("reply_there") or known is None or not envelope.sender.identities:
        return {}
    there = (envelope.channel, envelope.account, envelope.sender.identities[0].value)
    if (known["channel"], known["account"], known["to"]) != there:
        return {}
    return {"reply_to": ReplyAddress(**known | {"conversation": str(envelope.ext.get("conversation", ""))})}


def _copied(envelope: Envelope, known: Known | None, address: ReplyAddress | None) -> dict[str, Any]:
    copied = written_to(envelope, known, address) if envelope.ext.get("message_id") else None
    return {} if copied is None else {"copied": copied}


def _thread(envelope: Envelope, *, new: bool) -> dict[str, Any]:
    """What a reply must refer to, where the channel threads by the ids of messages.

    An unproven sender chooses no words of ours: their references are left out, and what they add to the ticket of
    somebody else changes nothing.
    """
    message_id = envelope.ext.get("message_id")
    proven = assurance_of(envelope) >= PROVEN
    if not message_id or not (proven or new):
        return {}
    references = [str(each) for each in envelope.ext.get("references", ())] if proven else []
    if proven and not references and envelope.in_reply_to:  # RFC 5322 section 3.6.4
        references = [envelope.in_reply_to]
    return {"in_reply_to": message_id, "references": (*references[-19:], message_id)}


def _subject_now(envelope: Envelope, opened_under: str) -> dict[str, Any]:
    """Under which subject a reply goes on: that of the message which it answers, where that is not the ticket's."""
    if not envelope.ext.get("message_id") or assurance_of(envelope) < PROVEN:
        return {}
    now = bare_subject(envelope.subject)
    return {"thread_subject": envelope.subject[:500] if now and now != bare_subject(opened_under) else ""}


def _preview(envelope: Envelope, article: str) -> Preview:
    words = preview_words(envelope.text)
    key = envelope.sender.identities[0].key if envelope.sender.identities else ""
    files = len(envelope.attachments)
    return Preview(text=words, by=envelope.sender.name, key=key, files=files, at=envelope.received_at, article=article)


def assurance_of(envelope: Envelope) -> Assurance:
    """How well it is proven who wrote it."""
    return envelope.sender.identities[0].assurance if envelope.sender.identities else Assurance.CLAIMED


def _participants(envelope: Envelope) -> dict[str, int]:
    """Who takes part by this message: the author, and whom a proven one copied, as soon as they write."""
    copied = envelope.copied[:MOST_COPIED] if assurance_of(envelope) >= PROVEN else ()
    wrote = {each.key: int(each.assurance) for each in of_one_person(envelope.sender)}
    return {f"email:{address}": COPIED for address in copied} | wrote


def _article(
    envelope: Envelope, found: Resolution, article: str, ticket: str, customer: str, body: Body
) -> dict[str, Any]:
    identity = envelope.sender.identities[0] if envelope.sender.identities else None
    author = Author(
        kind="customer",
        name=envelope.sender.name,
        id=customer,
        identity=identity.key if identity else "",
        assurance=identity.assurance if identity else Assurance.CLAIMED,
        evidence=identity.evidence if identity else "",
        seen=assurance_of(envelope) < PROVEN
        and is_left_open(envelope)
        and is_seen(envelope, found.identities, found.records),
    )
    return {
        "id": article,
        "ticket": ticket,
        "kind": "message",
        "channel": envelope.channel,
        "author": author.model_dump(mode="json"),
        "subject": envelope.subject,
        **body.fields,
        "language": envelope.language.code,
        "attachments": [attachment.model_dump(mode="json") for attachment in envelope.attachments],
        "recipients": list(envelope.recipients),
        **({"copied": [each.model_dump() for each in envelope.addressees]} if envelope.copied else {}),
        **({"originals": _originals(envelope)} if envelope.originals else {}),
        **({"event": envelope.event.model_dump(exclude_defaults=True)} if envelope.event else {}),
        **({"contacts": [each.model_dump() for each in envelope.contacts]} if envelope.contacts else {}),
        **({"spam": envelope.spam.model_dump()} if envelope.spam else {}),
        **({"protection": [each.model_dump() for each in envelope.protection]} if envelope.protection else {}),
        **({"fields": dict(envelope.fields)} if envelope.fields else {}),
        **({"says": envelope.says} if envelope.says else {}),
        **({"origin": envelope.origin.model_dump(mode="json")} if envelope.origin else {}),
        "joined_by": found.join.how,
        "join_reason": found.join.reason,
        "external_id": envelope.external_id,
        "order": envelope.order,
        "in_reply_to": envelope.in_reply_to,
        "sent_at": envelope.sent_at,
        "created_at": envelope.received_at,
    }


def _originals(envelope: Envelope) -> list[dict[str, Any]]:
    """Those passed on, each with the beginning of its text: the whole stands in the text, or in the file."""
    return [
        each.model_copy(update={"text": each.text[:PREVIEWED]}).model_dump(mode="json", exclude_defaults=True)
        for each in envelope.originals
    ]


def _article_work(envelope: Envelope, raw: ArticleWork, body: Body, words: str) -> ArticleWork:
    """The private fields of the article."""
    more: dict[str, Any] = {"raw": envelope.raw_id, "words": words}
    if body.blob:
        more["body"] = body.blob
    if references := references_of(envelope.attachments):
        more["fetched_by"] = references
    if is_pending(envelope):
        more["origin_pending"] = True
    if envelope.ext.get("message_id"):  # where a channel has none, the keys are those of a whole conversation
        more["announces"] = envelope.announces
    return raw.model_copy(update=more)


def is_pending(envelope: Envelope) -> bool:
    """Whether it is not known yet who wrote it."""
    return envelope.origin is not None and envelope.origin.state == "pending"


def _announced(envelope: Envelope, found: Resolution, *, new: bool) -> list[str]:
    """The thread keys that lead here from now on: keys nobody has, and for a follow-up those of the closed ticket.

    Messages that we never had count too, where somebody proven answers them: we may have been copied in the middle.
    """
    threaded = envelope.ext.get("message_id") and assurance_of(envelope) >= PROVEN
    answered = [f"{ANSWERED}{key}" for key in envelope.conversation if threaded and not found.threads.get(key)]
    keys = [key for key in dict.fromkeys((*envelope.announces, *answered)) if not found.threads.get(key)]
    if new and found.join.follow_up_of:
        follows = [key for key, ticket in found.threads.items() if key.startswith(FOLLOW) and not ticket]
        closed = {key.removeprefix(FOLLOW) for key in follows}
        keys += [*follows, *(key for key in envelope.announces if found.threads.get(key) in closed)]
    return keys


def _scope(envelope: Envelope) -> str:
    """Within what the order of a message means something: the provider's conversation, else our intake."""
    provider = envelope.ext.get("order_scope")
    return f"{envelope.channel}:{envelope.account}:{provider}" if provider else "intake"


def _settled(envelope: Envelope, found: Resolution, article: str) -> Settled | None:
    """What the ticket offers when the customer says that the matter is done; whoever is not proven offers nothing.

    Thanks for an answer mean it too; the script sees to it that there is one, and that nobody waits for another.
    """
    if not envelope.says or found.join.how == "unproven":
        return None
    if envelope.says == "thanks":
        said = Settled(resolution="resolved", article=article, at=envelope.received_at, thanks=True)
        return said if found.join.ticket and found.confirms else None
    return Settled(resolution=envelope.says, article=article, at=envelope.received_at)


def may_acknowledge(envelope: Envelope, placement: Placement, *, new: bool) -> bool:
    """A person who opened a ticket hears its number; a machine, or an address named in place of theirs, never does.

    Neither does a colleague who passes on what somebody else wrote, nor who writes for everybody to see.
    """
    colleague, claimed = bool(placement.passed_on_by), bool(envelope.reply_to)
    spoken = envelope.is_spoken and not envelope.is_public and not claimed and not colleague
    return new and spoken and placement.verdict.acknowledge is not False
