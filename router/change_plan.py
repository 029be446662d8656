"""The plan of a change that somebody asks for: what `change_ticket.lua` writes, and the values before it. Pure.

What cannot be is refused here, naming the field: a queue that is not configured, a field that is not declared or has
another kind of value, a resolution without the status that it goes with. Whether the ticket may move to the status is
looked at in the script, by the status as it is then.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..config.errors import Invalid
from ..config.settings import Settings
from .life_cycle import may_come_from, resolution_of
from .own_fields import demand, read_each, read_field, with_fields
from .priority import priority_of
from .private_fields import TicketWork
from .records import Ticket
from .ticket_requests import TicketChanges


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The fields that are to change, with their values; `priority` is None where it stays."""

    fields: Mapping[str, Any]
    priority: int | None


def asked_of(changes: TicketChanges, ticket: Ticket, settings: Settings) -> Asked:
    """What is asked for. Raises Invalid."""
    if changes.queue is not None and changes.queue not in settings.queues:
        raise Invalid(f"there is no queue {changes.queue!r}", field="queue")
    fields = changes.written()
    if changes.fields:
        read = read_each(changes.fields, lambda name, value: read_field(name, value, settings.ticket_fields, "ticket"))
        fields["fields"] = with_fields(ticket.fields, demand(*read, within="fields."))
    priority = changes.priority or _priority(changes, ticket)
    if priority:
        fields["priority"] = priority
    return Asked(fields=fields, priority=priority)


def change_plan(changes: TicketChanges, asked: Asked, ticket: Ticket, work: TicketWork) -> dict[str, Any]:
    """What the script is to write; `work` are the private fields that follow. Raises Invalid."""
    if changes.status is None and changes.resolution is not None:
        raise Invalid("a resolution goes with the status solved or closed", field="resolution")
    status = {"status": changes.status, "from": may_come_from(changes.status)} if changes.status else {}
    moves = {"status": changes.status, "queue": changes.queue}
    told = dict(asked.fields) | {name: value for name, value in moves.items() if value is not None}
    before = ticket.model_dump(mode="json")
    written = {**asked.fields, **work.named()}
    return {
        **status,
        "resolution": json.dumps(resolution_of(changes.status, changes.resolution)),
        **({"queue": changes.queue} if changes.queue else {}),
        "fields": {name: json.dumps(value, ensure_ascii=False) for name, value in written.items()},
        "changes": json.dumps({name: [before.get(name), value] for name, value in told.items()}, ensure_ascii=False),
    }


def _priority(changes: TicketChanges, ticket: Ticket) -> int | None:
    """By impact and urgency, when one of them is set."""
    if changes.impact is None and changes.urgency is None:
        return None
    return priority_of(changes.impact or ticket.impact, changes.urgency or ticket.urgency)
