"""What splitting articles out of a ticket writes, worked out beforehand by pure functions.

The new ticket is of the same customer, pinned to the same address, with the same participants. What each of the two is
owed, shows and answers next is told anew from the articles that it has afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..config.errors import Conflict, Invalid
from .filing_plan import owed_since
from .preview import preview_of
from .private_fields import Agreement, TicketWork
from .stored_ticket import StoredArticle, StoredTicket, message_id

MOST_ARTICLES = 50
"""That can be split off at once."""

_INHERITED = (
    "customer",
    "channel",
    "account",
    "language",
    "tags",
    "required_skills",
    "preferred_skills",
    "unproven",
    "config",
    "rules",
)


@dataclass(frozen=True, kw_only=True)
class SplitRequest:
    """Which articles become a ticket of their own, and what it is to be; None is as in the old one."""

    articles: Sequence[str]
    subject: str | None = None
    queue: str | None = None
    priority: int | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """An article where it stands in its ticket; `member` is its entry there."""

    member: str
    stored: StoredArticle


@dataclass(frozen=True, kw_only=True)
class SplitPlan:
    """What is written."""

    moved: Sequence[Listed]
    threads: Sequence[str]
    made: Mapping[str, Any]
    left: Mapping[str, Any]
    shown: str  # the article that the ticket they leave shows last; nothing where that is erased

    def control(self, ticket: str, made: str) -> Mapping[str, Any]:
        """As the script reads it."""
        return {
            "ticket": ticket,
            "made": made,
            "articles": [each.stored.record.id for each in self.moved],
            "members": [each.member for each in self.moved],
            "threads": list(self.threads),
            "at": self.moved[0].stored.record.created_at,
            "shown": self.shown,
        }


def plan_split(
    ticket: StoredTicket,
    listed: Sequence[Listed],
    asked: SplitRequest,
    *,
    made: str,
    reference: str,
    agreement: Agreement,
    now: int,
) -> SplitPlan:
    """Work out the split; `agreement` is what the new ticket owes. Raises Conflict, Invalid."""
    moved = [each for each in listed if each.stored.record.id in asked.articles]
    stays = [each for each in listed if each.stored.record.id not in asked.articles]
    _check(ticket, moved, stays, asked)
    gone, rest = [each.stored for each in moved], [each.stored for each in stays]
    return SplitPlan(
        moved=moved,
        threads=[key for each in gone for key in _keys(each)],
        shown=_shown(rest),
        made=_made_fields(ticket, gone, asked, made, reference, now) | _made_work(ticket, gone, agreement).named(),
        left=_left_work(ticket, gone, rest).named() | ({"settled": None} if _is_settled_by(ticket, asked) else {}),
    )


def _check(ticket: StoredTicket, moved: Sequence[Listed], stays: Sequence[Listed], asked: SplitRequest) -> None:
    number = ticket.record.number
    if len(moved) != len(set(asked.articles)):
        raise Conflict(f"not all of these are articles of {number}; read it again")
    if len(moved) > MOST_ARTICLES:
        raise Invalid(f"at most {MOST_ARTICLES} articles can be split off at once", field="articles")
    if not any(_is_said(each.stored) for each in moved):
        raise Conflict("a ticket begins with something that the customer wrote; choose such an article as well")
    if not any(_is_said(each.stored) for each in stays):
        raise Conflict(f"nothing that the customer wrote would be left in {number}; change that ticket instead")
    for each in moved:
        delivery = each.stored.record.delivery
        if delivery is not None and delivery.state in ("queued", "sending"):
            raise Conflict("an answer among these has not left yet; wait until it has")
        if each.stored.record.erased_at:
            raise Conflict("one of these was erased; leave it where it is")
        if each.stored.work.origin_pending:
            raise Conflict("who wrote one of these is still being checked; try again in a while")


def _made_fields(
    ticket: StoredTicket, moved: Sequence[StoredArticle], asked: SplitRequest, made: str, reference: str, now: int
) -> dict[str, Any]:
    record, said, answers = ticket.record, _said(moved), _answers(moved)
    subject = next((each.record.subject for each in said if each.record.subject), record.subject)
    inherited = record.model_dump(mode="json", include={*_INHERITED, "settled"})
    return inherited | {
        "id": made,
        "reference": reference,
        "subject": (subject if asked.subject is None else asked.subject)[:500],
        "queue": asked.queue or record.queue,
        "priority": asked.priority or record.priority,
        "status": "new",
        "resolution": None,
        "assignee": None,
        "offer": None,
        "reopened": 0,
        "follow_up_of": None,
        "settled": inherited["settled"] if _is_settled_by(ticket, asked) else None,
        "split_from": record.id,
        "created_at": now,
        "last_message_at": said[-1].record.created_at,
        "first_response_at": answers[0].record.created_at if answers else None,
    }


def _is_settled_by(ticket: StoredTicket, asked: SplitRequest) -> bool:
    """The message that says that the matter is done is among those that go: it speaks of their matter."""
    settled = ticket.record.settled
    return settled is not None and settled.before is None and settled.article in asked.articles


def _made_work(ticket: StoredTicket, moved: Sequence[StoredArticle], agreement: Agreement) -> TicketWork:
    work, said, answers = ticket.work, _said(moved), _answers(moved)
    first = said[0].record
    return TicketWork(
        arrived_at=first.created_at,
        **owed_since(first.created_at, agreement),
        customer_waits_since=_waits(moved),
        answered_at=answers[-1].record.created_at if answers else None,
        weight=work.weight,
        participants=work.participants,
        reply_to=work.reply_to,
        copied=tuple(each for each in work.copied if each.address in _seen_by(moved)),
        previous_agent=ticket.record.assignee,
        facts=work.facts,
        join_reason=f"split out of {ticket.record.number}",
        split_of=(*work.split_of, ticket.record.id),
        preview=preview_of(said[-1].record),
        **_made_thread(work, moved),
    )


def _left_work(ticket: StoredTicket, moved: Sequence[StoredArticle], rest: Sequence[StoredArticle]) -> TicketWork:
    """What changes in the ticket that they leave; what a case waits for is told by all of its tickets, and stays."""
    work, waits = ticket.work, _waits(rest)
    facts: dict[str, Any] = {"preview": preview_of(_said(rest)[-1].record), **_left_thread(work, moved, rest)}
    if work.customer_waits_since is not None and not ticket.record.merged:
        facts["customer_waits_since"] = None if waits is None else max(waits, work.customer_waits_since)
    return TicketWork(**facts)


def _made_thread(work: TicketWork, moved: Sequence[StoredArticle]) -> dict[str, Any]:
    """What a reply in the new ticket answers, where the channel threads by the ids of messages."""
    if not work.in_reply_to:
        return {}
    return {"in_reply_to": _newest_id(moved), "references": tuple(_ids(moved)[-20:])}


def _left_thread(work: TicketWork, moved: Sequence[StoredArticle], rest: Sequence[StoredArticle]) -> dict[str, Any]:
    """What a reply in the ticket that they leave answers: nothing that has moved."""
    gone = set(_ids(moved))
    if work.in_reply_to not in gone:
        return {"references": tuple(each for each in work.references if each not in gone)}
    return {
        "in_reply_to": _newest_id(rest),
        "thread_subject": "",
        "references": tuple(each for each in work.references if each not in gone),
    }


def _newest_id(articles: Sequence[StoredArticle]) -> str:
    return (_ids(_said(articles)) or [""])[-1]


def _ids(articles: Sequence[StoredArticle]) -> list[str]:
    return [key.partition(":")[2] for each in articles for key in _keys(each)]


def _seen_by(articles: Sequence[StoredArticle]) -> set[str]:
    """The addresses of those who wrote these or were written to; nobody else gets what is answered to them."""
    wrote = {each.record.author.identity.removeprefix("email:") for each in articles}
    return wrote | {who.address for each in articles for who in each.record.copied}


def _shown(articles: Sequence[StoredArticle]) -> str:
    last = _said(articles)[-1].record
    return "" if last.erased_at else last.id


def _keys(article: StoredArticle) -> Sequence[str]:
    """The thread keys that mean this article alone; those that it was filed without, years ago, its id tells."""
    record = article.record
    if record.delivery is not None:
        return (f"{record.channel}:{record.external_id}",)
    named = message_id(record.external_id)
    return article.work.announces or ((f"{record.channel}:{named}",) if named else ())


def _is_said(article: StoredArticle) -> bool:
    return article.record.author.kind == "customer"


def _is_answer(article: StoredArticle) -> bool:
    return article.record.kind == "reply" and article.record.author.kind == "agent"


def _said(articles: Sequence[StoredArticle]) -> list[StoredArticle]:
    return [each for each in articles if _is_said(each)]


def _answers(articles: Sequence[StoredArticle]) -> list[StoredArticle]:
    return [each for each in articles if _is_answer(each)]


def _waits(articles: Sequence[StoredArticle]) -> int | None:
    """When the first message came that nobody has answered since."""
    waits: int | None = None
    for each in articles:
        if _is_said(each):
            waits = each.record.created_at if waits is None else waits
        elif _is_answer(each):
            waits = None
    return waits
