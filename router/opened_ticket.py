"""The fields of a ticket that a message opens: what was decided for it, who it came from, and what is owed. Pure."""

from typing import Any

from ..normalizer.envelope import Assurance, Envelope
from ..queue.identifiers import new_reference
from .clock import TicketClock
from .placement import Placement
from .resolver import Resolution


def ticket_fields(
    envelope: Envelope, found: Resolution, placement: Placement, ticket: str, customer: str, now: int
) -> dict[str, Any]:
    """The fields with their values; its clocks begin with it."""
    proven = bool(envelope.sender.identities) and envelope.sender.identities[0].assurance >= Assurance.CHANNEL
    verdict = placement.verdict
    return {
        "id": ticket,
        "reference": new_reference(),
        "queue": placement.queue,
        "status": "new",
        "resolution": None,
        "priority": placement.priority,
        **({} if verdict.impact is None else {"impact": verdict.impact}),
        **({} if verdict.urgency is None else {"urgency": verdict.urgency}),
        "required_skills": list(verdict.require_skills),
        "preferred_skills": list(verdict.prefer_skills),
        "tags": list(verdict.tags),
        "language": placement.language,
        "assignee": None,
        "offer": None,
        "reopened": 0,
        "config": placement.config,
        "rules": list(verdict.matched),
        "created_at": now,
        "subject": envelope.subject[:500],
        "customer": customer,
        "channel": envelope.channel,
        "account": envelope.account,
        "unproven": not proven,
        "follow_up_of": found.join.follow_up_of or None,
        "fields": dict(placement.mapped.ticket),
        **({"reply_by": envelope.reply_by} if envelope.reply_by is not None else {}),
        **_begun(envelope.received_at, placement),
        **offered_writer(placement),
    }


def _begun(arrived: int, placement: Placement) -> dict[str, Any]:
    """The clocks that rules begin with the ticket, where its policy says how soon; by the wall at first."""
    agreed = placement.agreement
    targets = {name: agreed.targets[name] for name in placement.verdict.clocks if name in agreed.targets}
    clocks = {
        name: TicketClock(
            began=arrived,
            target=target,
            due=arrived + target,
            risk=arrived + target - target // 4,
            token=1,
            policy=agreed.policy or "",
            calendar=agreed.calendar or "",
        ).model_dump(mode="json", exclude_defaults=True)
        for name, target in targets.items()
    }
    return {"clocks": clocks} if clocks else {}


def offered_writer(placement: Placement) -> dict[str, Any]:
    """The field of a ticket that says whose it could be, where a colleague passed their message on."""
    writer = placement.original_writer
    return {"original_writer": writer.model_dump(mode="json")} if writer else {}
