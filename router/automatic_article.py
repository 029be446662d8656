"""The article of an answer that nobody of ours has written: the case number, or what a trigger replies. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .private_fields import ArticleWork, OutgoingFacts, TicketWork
from .records import Author
from .reply_route import ReplyAddress


@dataclass(frozen=True, kw_only=True)
class AutomaticAnswer:
    """What is answered, in which ticket and where to."""

    article: str
    ticket: str
    address: ReplyAddress
    external_id: str
    subject: str
    text: str
    language: str


def automatic_article(answer: AutomaticAnswer, work: TicketWork, now: int) -> Mapping[str, Any]:
    """Its fields: it waits to be sent, and is marked as sent by a machine, so that machines do not answer it."""
    return {
        "id": answer.article,
        "ticket": answer.ticket,
        "kind": "reply",
        "channel": answer.address.channel,
        "author": Author(kind="system", name="Trunkline").model_dump(mode="json"),
        "subject": answer.subject,
        "text": answer.text,
        "language": answer.language,
        "attachments": [],
        "to": answer.address.to,
        "external_id": answer.external_id,
        "order": "",
        "created_at": now,
        "delivery": {"state": "queued", "detail": "", "at": now, "attempts": 0, "queued_at": now},
        **ArticleWork(outgoing=OutgoingFacts.of(answer.address, work, automatic=True)).named(),
    }
