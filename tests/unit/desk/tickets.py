"""Tickets as they are stored, for the view models of the desk."""

from typing import Any

from trunkline.router.private_fields import Preview, TicketWork
from trunkline.router.records import Ticket
from trunkline.router.stored_ticket import StoredTicket
from trunkline.router.targets import target_ms

NOW = 1_750_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE


def stored(work: dict[str, Any] | None = None, **facts: Any) -> StoredTicket:
    """A ticket of Maria's in support, opened an hour ago, that waits for its first answer."""
    number = facts.pop("number", 1)
    record = {
        "id": f"00000000-0000-7000-8000-{number:012d}",
        "number": f"T-{number}",
        "reference": "r",
        "subject": "The lamp",
        "queue": "support",
        "status": "open",
        "priority": 3,
        "channel": "mail",
        "language": "en",
        "revision": 1,
        "created_at": NOW - HOUR,
        "updated_at": NOW - HOUR,
        "last_message_at": NOW - HOUR,
    } | facts
    said = Preview(text="It is green", by="Maria", key="email:maria@example.org", at=NOW - HOUR)
    kept: dict[str, Any] = {
        "preview": said,
        "customer_waits_since": NOW - HOUR,
        "target_ms": target_ms(record["priority"], live=False),
    }
    kept |= work or {}
    since = kept["customer_waits_since"]
    kept.setdefault("due", (since or NOW - HOUR) + kept["target_ms"])
    if since is None:
        record.setdefault("first_response_at", NOW)
    elif record["status"] in ("new", "open"):
        target = kept["target_ms"]
        clock = {"began": since, "target": target, "due": since + target, "risk": since + target - target // 4}
        record.setdefault("clocks", {"first_response": clock})
    return StoredTicket(Ticket.model_validate(record), TicketWork.model_validate(kept))


def event(kind: str, at: int = NOW, actor: str = "router", **facts: Any) -> dict[str, Any]:
    """An event as the scripts remember it."""
    return {"kind": f"ticket.{kind}", "at": at, "actor": actor, "agent": None, "status": "open"} | facts
