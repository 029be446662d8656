"""Lines of the feed in words: `06:31:24  T-7  offered to ada until 06:36:24`.

Numbers, names of agents and queues, and states; what people wrote is not repeated, except, when it is asked for, the
subject and who wrote.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..desk.views.times import hour
from ..queue.feed import FeedLine

Data = Mapping[str, Any]

_SHOWN = frozenset({"queue", "status", "priority", "impact", "urgency", "language", "tags"})


def sentence(line: FeedLine, *, words: bool = False) -> str:
    """One line; `words` shows subjects and names of customers too."""
    ticket = line.data.get("ticket") or {}
    about = str(ticket.get("number") or line.subject)
    make = _SENTENCES.get(line.kind)
    told = make(line.data) if make else line.kind
    shown = _words(line.data) if words and line.kind in ("message.received", "message.queued") else ""
    return f"{hour(line.time)}  {about:<8} {told}{shown}"


def _words(data: Data) -> str:
    article = data.get("article") or {}
    author = (article.get("author") or {}).get("name") or ""
    subject = str(article.get("subject") or article.get("text") or "").split("\n")[0][:60]
    return f"  {author}: {subject}" if author else f"  {subject}"


def _created(data: Data) -> str:
    ticket = data["ticket"]
    rules = f" by {', '.join(ticket['rules'])}" if ticket.get("rules") else ""
    language = "" if ticket.get("language") in (None, "unknown") else f", {ticket['language']}"
    return f"opened in {ticket['queue']}{rules} ({ticket['channel']}{language}, priority {ticket['priority']})"


def _offered(data: Data) -> str:
    offer = data["ticket"].get("offer") or {}
    return f"offered to {offer.get('agent')} until {hour(offer.get('expires_at') or 0)}"


def _assigned(data: Data) -> str:
    agent, actor = data["ticket"].get("assignee"), data.get("actor")
    return f"taken by {agent}" if actor == f"agent:{agent}" else f"given to {agent} by {actor}"


def _returned(how: str) -> Callable[[Data], str]:
    def told(data: Data) -> str:
        changes = data.get("changes") or {}
        reason = f": {changes['reason']}" if changes.get("reason") else ""
        return f"{how} {changes.get('agent') or ''}".rstrip() + reason

    return told


def _changed(data: Data) -> str:
    changes = {name: pair for name, pair in (data.get("changes") or {}).items() if name != "reason"}
    told = [_change(name, pair) for name, pair in changes.items() if not _same(pair)]
    otherwise = "set to what it was" if changes else "changed"
    return f"{', '.join(told) or otherwise} by {data.get('actor')}"


def _same(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and pair[0] == pair[1]


def _change(name: str, pair: Any) -> str:
    shown = name in _SHOWN and isinstance(pair, list) and len(pair) == 2
    return f"{name} {pair[0]} → {pair[1]}" if shown else name


def _moved(data: Data) -> str:
    before, after = (data.get("changes") or {}).get("status") or ("", data["ticket"]["status"])
    return f"{before} → {after}"


def _delivery(words: str) -> Callable[[Data], str]:
    def told(data: Data) -> str:
        delivery = (data.get("article") or {}).get("delivery") or {}
        return f"{words} ({delivery['detail']})" if delivery.get("detail") and "not" in words else words

    return told


def _presence(data: Data) -> str:
    return f"is {data['agent']['presence']}"


def _queued(data: Data) -> str:
    article = data.get("article") or {}
    if article.get("repeats"):
        return f"sent once more by {article.get('channel')}"
    author = article.get("author") or {}
    return "case number acknowledged" if author.get("kind") == "system" else f"answered by {author.get('id') or '?'}"


_SENTENCES: Mapping[str, Callable[[Data], str]] = {
    "ticket.created": _created,
    "ticket.offered": _offered,
    "ticket.assigned": _assigned,
    "ticket.declined": _returned("declined by"),
    "ticket.missed": _returned("missed by"),
    "ticket.withdrawn": _returned("withdrawn from"),
    "ticket.released": _returned("given back"),
    "ticket.status_changed": _moved,
    "ticket.reopened": _moved,
    "ticket.closed": _moved,
    "ticket.moved": _changed,
    "ticket.updated": _changed,
    "message.received": lambda _: "message received",
    "message.queued": _queued,
    "message.sent": _delivery("sent"),
    "message.delivered": _delivery("delivered"),
    "message.read": _delivery("read by the customer"),
    "message.delivery_failed": _delivery("could not be delivered"),
    "message.delivery_unknown": _delivery("perhaps not delivered; a person must look"),
    "message.note_added": lambda data: f"note by {((data.get('article') or {}).get('author') or {}).get('id') or '?'}",
    "message.updated": lambda _: "came to another of our addresses too",
    "agent.presence_changed": _presence,
}
