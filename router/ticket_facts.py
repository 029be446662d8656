"""The facts of a ticket that there is, for triggers: how it is now, whose it is, and what was written. Pure."""

from collections.abc import Mapping
from typing import Any

from ..normalizer.channel_facts import MESSAGE
from .facts import Facts, FileFacts, History, TicketState
from .records import Article, Customer
from .stored_ticket import StoredTicket

_KINDS = ("customer", "agent", "token")


def facts_of_ticket(
    stored: StoredTicket, article: Article | None, customer: Customer | None, history: History, *, by: str, now: int
) -> Facts:
    """What a trigger sees; subject and text are those of the article, else the subject of the ticket and no text."""
    ticket, opening = stored.record, stored.work.facts
    theirs = article is not None and article.author.kind == "customer"
    wrote: Mapping[str, Any] = (
        {"sender": article.author.identity.partition(":")[2], "assurance": int(article.author.assurance)}
        if article is not None and theirs
        else {name: opening[name] for name in ("sender", "assurance") if name in opening}
    )
    files = article.attachments if article is not None else ()
    return Facts(
        channel=ticket.channel,
        account=ticket.account,
        recipients=(article.recipients if article is not None and theirs else opening.get("recipients", ())),
        **wrote,
        subject=(article.subject if article is not None and article.subject else ticket.subject),
        text=article.text if article is not None else "",
        language=ticket.language,
        automation="none" if theirs else opening.get("automation", "none"),
        came_as=opening.get("came_as", MESSAGE),
        says=article.says if article is not None else "",
        spam=opening.get("spam", ""),
        spam_score=opening.get("spam_score"),
        known_customer=customer is not None,
        segment=customer.segment if customer else "",
        company=customer.company if customer else "",
        customer_fields=customer.fields if customer else {},
        ticket_fields=ticket.fields,
        attachments=bool(files),
        files=tuple(FileFacts(name=each.name, type=each.media_type, size=each.size) for each in files),
        history=history,
        state=state_of(stored, by),
        at=now,
    )


def state_of(stored: StoredTicket, by: str) -> TicketState:
    """How the ticket is."""
    ticket = stored.record
    return TicketState(
        status=ticket.status,
        status_since=ticket.status_since or ticket.created_at,
        queue=ticket.queue,
        priority=ticket.priority,
        tags=ticket.tags,
        assignee=ticket.assignee or "",
        messages=stored.work.article_count,
        reopened=ticket.reopened,
        by=by,
    )


def kind_of(actor: str) -> str:
    """Who an actor is, as conditions ask it."""
    kind = actor.partition(":")[0]
    return kind if kind in _KINDS else "router"
