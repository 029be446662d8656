"""The alerts of steps: whom a trigger or a macro tells of a ticket outside of the desk, by mail and by signed post.

They go to agents' own addresses, to those that the configuration names, and to its webhooks; never to a customer. The
id follows from the ticket, the cause and the receiver, so the same step again is the same alert. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from ..config.rule_actions import NoticeSettings, StepSettings
from ..config.settings import Settings
from .alert import Alert
from .records import Ticket
from .variables import filled


def mails_of(
    notice: NoticeSettings,
    ticket: Ticket,
    values: Mapping[str, str],
    *,
    name: str,
    key: str,
    settings: Settings,
    now: int,
) -> Sequence[Alert]:
    """One for each address; none where no agent that is named has one."""
    text = f"{filled(notice.text, values)}\n\n{ticket.number}, {ticket.queue}, priority {ticket.priority}\n"
    return [_alert(ticket, name, key, now, text=text, address=each) for each in _addresses(notice, settings)]


def post_of(then: StepSettings, ticket: Ticket, *, name: str, key: str, actor: str, now: int) -> Alert:
    """The one to its webhook."""
    names = ("id", "number", "queue", "priority", "status", "tags")
    content = {
        "type": "ticket.rule_applied",
        "rule": name,
        "by": actor,
        "ticket": ticket.model_dump(mode="json", include=set(names)),
        "agent": ticket.assignee,
        "at": now,
    }
    return _alert(ticket, name, key, now, text="", webhook=str(then.webhook), content=content)


def _addresses(notice: NoticeSettings, settings: Settings) -> Iterator[str]:
    own = (settings.agents[agent].email for agent in notice.agents if agent in settings.agents)
    yield from dict.fromkeys((*filter(None, own), *notice.addresses))


def _alert(ticket: Ticket, name: str, key: str, now: int, **to: Any) -> Alert:
    receiver = to.get("address") or f"webhook {to['webhook']}"
    id_ = str(uuid5(NAMESPACE_OID, f"{ticket.id} {key} {receiver}"))
    content = {"ticket": {"id": ticket.id, "number": ticket.number}}
    return Alert(id=id_, subject=f"[{ticket.number}] {name}", at=now, **{"content": content, **to})
