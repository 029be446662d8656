"""The acknowledgement: the customer hears the case number once, in their language, under their own subject.

Nothing else of what they wrote is repeated, and to an address that nobody has proven not even that. It goes to proven
people only, never to a machine, to ourselves, or for a message that had to be released by hand; at most so many an hour
go to one address, so two desks that answer each other stop. The text is fixed (config/templates); the number is put in
by the script that files, which knows it.
"""

from ..config.message_templates import name_on, render
from ..normalizer.envelope import Assurance, Envelope
from ..normalizer.subjects import answer_subject, bare_subject
from ..queue.identifiers import new_id
from .filing_plan import Acknowledgement, FilingPlan, may_acknowledge
from .placement import Placement
from .policy import Policy
from .private_fields import ArticleWork, OutgoingFacts
from .records import Author
from .reply_route import OutgoingId, ReplyAddress

NUMBER = "{{number}}"


def acknowledgement(
    envelope: Envelope,
    plan: FilingPlan,
    placement: Placement,
    address: ReplyAddress | None,
    policy: Policy,
    outgoing_id: OutgoingId,
    now: int,
) -> Acknowledgement | None:
    """The acknowledgement of a new ticket, or None when there must be none."""
    settings = policy.settings.acknowledgement
    proven_from = policy.channels[envelope.channel].proven
    allowed = settings.enabled and may_acknowledge(envelope, placement, new=plan.new, proven_from=proven_from)
    if address is None or not allowed or address.to == address.account:
        return None
    article = new_id(now)
    name = name_on(address.channel, "acknowledgement")
    message = render(name, placement.language, {"number": NUMBER}, folder=policy.settings.templates)
    external_id = outgoing_id(address.channel, article, address.account)
    fields = {
        "id": article,
        "ticket": plan.ticket,
        "kind": "reply",
        "channel": address.channel,
        "author": Author(kind="system", name="Trunkline").model_dump(mode="json"),
        "subject": _subject(envelope, policy.channels[address.channel].letters) or message.subject,
        "text": message.body,
        "language": placement.language,
        "attachments": [],
        "to": address.to,
        "external_id": external_id,
        "order": "",
        "created_at": now,
        "delivery": {"state": "queued", "detail": "", "at": now, "attempts": 0, "queued_at": now},
        **ArticleWork(outgoing=OutgoingFacts.of(address, plan.ticket_work, automatic=True)).named(),
    }
    return Acknowledgement(
        article=article,
        to=address.to,
        thread=f"{address.channel}:{external_id}",
        per_hour=settings.per_address_per_hour,
        fields=fields,
    )


def _subject(envelope: Envelope, letters: bool) -> str:
    """The customer's own, so that their mail program keeps it beside what they wrote."""
    theirs = letters and envelope.sender.identities[0].assurance >= Assurance.CHANNEL
    return answer_subject(envelope.subject, NUMBER) if theirs and bare_subject(envelope.subject) else ""
