"""The acknowledgement: the customer hears the case number once, in their language, under their own subject.

Nothing else of what they wrote is repeated, and to an address that nobody has proven not even that. It goes to proven
people, and as far as the settings say to others (standing.py), never to a machine, to ourselves, or for a message that
had to be released by hand. What is sent is limited, and looked at by the script that files (acknowledge.lua): so many
an hour to one address, so many a day to the unproven; and none to somebody who has just got one, so that two desks that
answer each other stop, whatever the other one writes, and from whichever address. The text is fixed
(config/templates); the number is put in by the same script, which knows it.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from ..config.desk_settings import AcknowledgementSettings, UnprovenCaps
from ..config.message_templates import name_on, render
from ..normalizer.envelope import Assurance, Envelope
from ..normalizer.mail_domains import is_public
from ..normalizer.subjects import answer_subject, bare_subject
from ..queue.dedup import digest
from ..queue.identifiers import new_id
from .automatic_article import AutomaticAnswer, automatic_article
from .customer_terms import term
from .filing_plan import Acknowledgement, FilingPlan, may_acknowledge
from .placement import Placement
from .policy import Policy
from .reply_route import OutgoingId, ReplyAddress
from .standing import Standing, standing

NUMBER = "{{number}}"
# Of `acknowledgement.to`: whose mail is answered without anybody of ours.
UP_TO: Mapping[str, tuple[Standing, ...]] = {
    "proven": ("proven",),
    "seen": ("proven", "seen"),
    "unproven": ("proven", "seen", "unproven"),
}
_AT_ONCE = timedelta(minutes=1)  # within which a machine answers
_VARIES = re.compile(r"\+.*|\d+")  # of an address, what a machine changes from mail to mail


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
    stands = standing(envelope, seen=plan.seen, proven_from=policy.channels[envelope.channel].proven)
    allowed = settings.enabled and stands in UP_TO[settings.to] and may_acknowledge(envelope, placement, new=plan.new)
    if address is None or not allowed or address.to == address.account:
        return None
    article = new_id(now)
    name = name_on(address.channel, "acknowledgement")
    message = render(name, placement.language, {"number": NUMBER}, folder=policy.settings.templates)
    external_id = outgoing_id(address.channel, article, address.account)
    answer = AutomaticAnswer(
        article=article,
        ticket=plan.ticket,
        address=address,
        external_id=external_id,
        subject=_subject(envelope, policy.channels[address.channel].letters) or message.subject,
        text=message.body,
        language=placement.language,
    )
    return Acknowledgement(
        article=article,
        thread=f"{address.channel}:{external_id}",
        limits=limits_of(address.to, settings, is_proven=stands == "proven"),
        fields=automatic_article(answer, plan.ticket_work, now),
    )


def hears(envelope: Envelope, placement: Placement, policy: Policy, *, seen: bool) -> str:
    """The standing of who wrote, when it is a person to whom something may be sent without anybody of ours."""
    if not envelope.is_spoken or envelope.is_public or envelope.reply_to or placement.passed_on_by:
        return ""
    return standing(envelope, seen=seen, proven_from=policy.channels[envelope.channel].proven)


def limits_of(to: str, settings: AcknowledgementSettings, *, is_proven: bool) -> Mapping[str, Any]:
    """What the script looks at before it sends. Addresses stand there as digests."""
    local, at, domain = to.rpartition("@")
    again = {
        "again_after": settings.again_after // timedelta(milliseconds=1),
        "at_once": _AT_ONCE // timedelta(milliseconds=1),
        "person": digest("to", _VARIES.sub("", local), domain).hex(),
        "domain": digest("domain", domain).hex(),
        **({} if is_public(domain) else {"known": f"word|{term(domain)}|"}),
    }
    return {
        "counts": [] if is_proven else list(_counts(to, domain, settings.unproven)),
        "per_hour": settings.per_address_per_hour,
        "address": digest("to", to).hex(),
        **(again if at else {}),
    }


def _counts(to: str, domain: str, caps: UnprovenCaps) -> Iterator[tuple[str, int]]:
    yield digest("to", to).hex(), caps.per_address_per_day
    yield digest("domain", domain).hex(), caps.per_domain_per_day
    yield "all", caps.per_day


def _subject(envelope: Envelope, letters: bool) -> str:
    """The customer's own, so that their mail program keeps it beside what they wrote."""
    theirs = letters and envelope.sender.identities[0].assurance >= Assurance.CHANNEL
    return answer_subject(envelope.subject, NUMBER) if theirs and bare_subject(envelope.subject) else ""
