"""The mails that bring codes: a queue worked off by whoever can send mail, so a code that was promised is sent.

The mail is the same for every attempt. One that is too late to be of use is not sent; one that is refused for good, or
whose fate is unknown, is not repeated: the visitor can ask for another.
"""

import json
from typing import Any
from uuid import UUID

import structlog

from ...config.errors import DeliveryFailed, DeliveryUnknown
from ...config.message_templates import render
from ...normalizer.outgoing import Outgoing
from ...queue.clock import Clock
from ...queue.work import Entry
from ..outgoing_mail import MailOut
from .address_codes import LIFETIME_MS, AddressCodes

log = structlog.get_logger()


class CodeMails:
    """The handler of the queue `chat_codes`."""

    def __init__(self, codes: AddressCodes, clock: Clock, out: MailOut | None) -> None:
        self._codes = codes
        self._clock = clock
        self._out = out
        self.queue = codes.queue

    async def handle(self, entry: Entry) -> bool:
        """Send one; the entry is finished in any case. Raises DeliveryDeferred."""
        order = json.loads(entry.payload)
        if self._out is None or self._clock.now() >= order["until"]:
            return False
        try:
            await self._out.adapter().send(self._mail(self._out, order))
        except (DeliveryFailed, DeliveryUnknown) as error:
            log.warning("a code was perhaps not delivered", action="chat_code_undelivered", cause=error.detail)
        return False

    def _mail(self, out: MailOut, order: dict[str, Any]) -> Outgoing:
        values = {"code": self._codes.code_of_order(order)}
        message = render("chat_code", order["language"], values, folder=out.templates)
        article = str(UUID(hex=order["nonce"]))
        return Outgoing(
            article_id=article,
            external_id=out.adapter().outgoing_id(article, out.account),
            ticket_id="",
            number="",
            channel=out.channel,
            account=out.account,
            to=order["email"],
            subject=message.subject,
            text=message.body,
            language=order["language"] or "unknown",
            automatic=True,
            created_at=order["until"] - LIFETIME_MS,
        )
