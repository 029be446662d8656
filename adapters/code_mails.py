"""The mails that bring codes: a queue worked off by whoever can send mail, so a code that was promised is sent.

The mail is the same for every attempt. One that is too late to be of use is not sent; one that is refused for good, or
whose fate is unknown, is not repeated: another code can be asked for.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from ..config.errors import DeliveryFailed, DeliveryUnknown
from ..config.message_templates import render
from ..normalizer.outgoing import Outgoing
from ..queue.clock import Clock
from ..queue.work import Entry, WorkQueue
from .outgoing_mail import MailOut

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class CodeMail:
    """One mail: to whom it brings which code; `key` is 32 hexadecimal digits, and the same key is the same mail."""

    to: str
    code: str
    key: str
    language: str
    created_at: int
    until: int


Read = Callable[[Mapping[str, Any]], Awaitable[CodeMail]]
"""From an order of the queue to its mail; an order that anybody may read does not hold its code."""


class CodeMails:
    """The handler of a queue of orders, whose mails are made by the template."""

    def __init__(self, queue: WorkQueue, template: str, read: Read, clock: Clock, out: MailOut | None) -> None:
        self.queue = queue
        self._template = template
        self._read = read
        self._clock = clock
        self._out = out

    async def handle(self, entry: Entry) -> bool:
        """Send one; the entry is finished in any case. Raises DeliveryDeferred."""
        mail = await self._read(json.loads(entry.payload))
        if self._out is None or self._clock.now() >= mail.until:
            return False
        try:
            await self._out.adapter().send(self._outgoing(self._out, mail))
        except (DeliveryFailed, DeliveryUnknown) as error:
            log.warning("a code was perhaps not delivered", action="code_undelivered", cause=error.detail)
        return False

    def _outgoing(self, out: MailOut, mail: CodeMail) -> Outgoing:
        message = render(self._template, mail.language, {"code": mail.code}, folder=out.templates)
        article = str(UUID(hex=mail.key))
        return Outgoing(
            article_id=article,
            external_id=out.adapter().outgoing_id(article, out.account),
            ticket_id="",
            number="",
            channel=out.channel,
            account=out.account,
            to=mail.to,
            subject=message.subject,
            text=message.body,
            language=mail.language or "unknown",
            automatic=True,
            created_at=mail.created_at,
        )
