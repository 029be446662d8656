"""Steps: what a trigger or a macro does with a ticket, one after another, and what came of each.

Each step is one action, so it happens as a whole or not at all; the same key again repeats nothing. A step that the
ticket does not allow (a status that cannot be reached, an agent without room) is told, and the others are taken. The
order is fixed: note, fields, clocks, assignee, reply, notice, webhook, status; so what ends a ticket comes last.
Whom notice and webhook tell is handed back (`Taken.alerts`), to be laid by with the note that all is done
(rule_history.py).
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..config.errors import Conflict, Invalid, NotFound, PreconditionFailed, TooLarge
from ..config.rule_actions import StepSettings
from ..queue.clock import Clock
from .actions import Actions
from .alert import Alert
from .holders import holder_of
from .policy import CurrentPolicy
from .reader import Reader
from .records import Ticket
from .step_alerts import mails_of, post_of
from .ticket_requests import TicketChanges, Writing
from .variables import filled

_TRIES = 5

Reply = Callable[[str], Awaitable[str]]
"""Answers with the text of `canned_replies` of this name; returns why it did not, or nothing."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What was done, what was not, with the reason, and who is to be told."""

    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Taker:
    """Who takes the steps: `actor` stands in the history, `key` tells one time from another."""

    actor: str
    key: str
    name: str
    agent: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    holder: str | None = None
    """Of whom alone they may take the ticket, empty for nobody; None for anybody."""


class TicketSteps:
    """Takes steps."""

    def __init__(self, actions: Actions, reader: Reader, clock: Clock, policy: CurrentPolicy) -> None:
        self._actions = actions
        self._reader = reader
        self._clock = clock
        self._policy = policy

    async def take(self, ticket: str, then: StepSettings, taker: Taker, *, reply: Reply) -> Taken:
        """Take them all. Raises NotFound, EngineUnavailable."""
        taken, record = Taken(), (await self._reader.ticket(ticket)).record
        values = {"number": record.number, "subject": record.subject, **taker.variables}
        for name, step in self._steps(record, then, taker, values, taken.alerts, reply=reply):
            try:
                told = await step()
            except (Conflict, Invalid, NotFound, TooLarge) as error:
                told = error.detail
            if told != _NOTHING:
                (taken.failed if told else taken.done).append(f"{name} ({told})" if told else name)
        return taken

    def _steps(
        self,
        record: Ticket,
        then: StepSettings,
        taker: Taker,
        values: Mapping[str, str],
        alerts: list[Alert],
        *,
        reply: Reply,
    ) -> Iterator[tuple[str, Callable[[], Awaitable[str]]]]:
        ticket = record.id
        if then.note is not None:
            yield "note", lambda: self._note(ticket, filled(str(then.note), values), taker)
        yield "fields", lambda: self._change(ticket, then, taker, values)
        if then.clocks is not None:
            yield "clocks", lambda: self._clocks(ticket, then, taker)
        if then.assignee is not None:
            yield "assignee", lambda: self._assign(ticket, str(then.assignee), taker)
        if then.reply is not None:
            yield "reply", lambda: reply(str(then.reply))
        if then.notify is not None:
            yield "notice", lambda: self._notify(record, then, taker, values, alerts)
        if then.webhook is not None:
            yield f"webhook {then.webhook}", lambda: self._post(record, then, taker, alerts)
        if then.status is not None:
            yield f"status {then.status}", lambda: self._end(ticket, then, taker)

    async def _note(self, ticket: str, text: str, taker: Taker) -> str:
        await self._actions.note(
            ticket, Writing(text=text, actor=taker.actor, agent=taker.agent, key=f"{taker.key}:note")
        )
        return ""

    async def _change(self, ticket: str, then: StepSettings, taker: Taker, values: Mapping[str, str]) -> str:
        for _ in range(_TRIES):
            record = (await self._reader.ticket(ticket)).record
            changes = changes_of(record, then, values)
            if not changes:
                return _NOTHING
            try:
                await self._actions.change(
                    ticket, TicketChanges(**changes), actor=taker.actor, revision=record.revision
                )
            except PreconditionFailed:
                continue
            return ""
        return "it was changed again and again by somebody else"

    async def _clocks(self, ticket: str, then: StepSettings, taker: Taker) -> str:
        steps = then.clocks
        if steps is None:
            return _NOTHING
        changed = await self._actions.own_clocks.change(ticket, actor=taker.actor, start=steps.start, stop=steps.stop)
        return "" if changed else _NOTHING

    async def _assign(self, ticket: str, agent: str, taker: Taker) -> str:
        record = (await self._reader.ticket(ticket)).record
        if record.assignee == (None if agent == "none" else agent):
            return _NOTHING if agent == "none" else ""
        holder = holder_of(record)
        if holder and taker.holder not in (None, holder):
            return f"{holder} has it by now"
        if agent == "none":
            await self._actions.release(ticket, actor=taker.actor, agent=holder, reason=taker.name)
        else:
            await self._actions.assign(ticket, agent, actor=taker.actor, reason=taker.name, holder=holder)
        return ""

    async def _notify(
        self, ticket: Ticket, then: StepSettings, taker: Taker, values: Mapping[str, str], alerts: list[Alert]
    ) -> str:
        notice, settings, now = then.notify, self._policy().settings, self._clock.now()
        if notice is None:
            return _NOTHING
        mails = mails_of(notice, ticket, values, name=taker.name, key=taker.key, settings=settings, now=now)
        alerts += mails
        return "" if mails else f"no address is known of {', '.join(notice.agents)}"

    async def _post(self, ticket: Ticket, then: StepSettings, taker: Taker, alerts: list[Alert]) -> str:
        if then.webhook not in self._policy().settings.webhooks:
            return "it is not configured any more"
        ticket = (await self._reader.ticket(ticket.id)).record
        now = self._clock.now()
        alerts.append(post_of(then, ticket, name=taker.name, key=taker.key, actor=taker.actor, now=now))
        return ""

    async def _end(self, ticket: str, then: StepSettings, taker: Taker) -> str:
        if (await self._reader.ticket(ticket)).record.status == then.status:
            return _NOTHING
        changes = TicketChanges(status=then.status, resolution=then.resolution)
        await self._actions.change(ticket, changes, actor=taker.actor)
        return ""


_NOTHING = "nothing to do"


def changes_of(record: Ticket, then: StepSettings, values: Mapping[str, str]) -> dict[str, Any]:
    """What the steps change in the fields of this ticket; nothing that is so already. Pure."""
    same = {name: getattr(then, name) for name in ("queue", "priority", "impact", "urgency", "language")}
    kept = [tag for tag in record.tags if tag not in then.remove_tags]
    lists = {
        "tags": [*kept, *then.tags],
        "required_skills": [*record.required_skills, *then.require_skills],
        "preferred_skills": [*record.preferred_skills, *then.prefer_skills],
    }
    asked = same | {name: list(dict.fromkeys(value)) for name, value in lists.items()}
    held = record.model_dump(mode="json")
    changes = {name: value for name, value in asked.items() if value is not None and value != held.get(name)}
    said = {name: filled(text, values) for name, text in then.fields.items()}
    fields = {name: text for name, text in said.items() if text and held["fields"].get(name) != text}
    return changes | ({"fields": fields} if fields else {})
