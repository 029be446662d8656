"""The mails that tell colleagues of a ticket: a queue worked off by whoever can send mail.

A mail is the same for every attempt. One that is refused for good is given up to the dead letters, where an operator
sees it; one whose fate is unknown is not repeated.
"""

import json
from uuid import UUID

import structlog

from ..config.errors import DeliveryFailed, DeliveryUnknown
from ..normalizer.outgoing import Outgoing
from ..queue.work import Entry, WorkQueue
from .outgoing_mail import MailOut

log = structlog.get_logger()


class NoticeMails:
    """The handler of the queue of notices."""

    def __init__(self, queue: WorkQueue, out: MailOut | None) -> None:
        self.queue = queue
        self._out = out

    async def handle(self, entry: Entry) -> bool:
        """Send one. Raises DeliveryDeferred, DeliveryFailed."""
        if self._out is None:
            raise DeliveryFailed("no channel mail is configured, so nobody can be told by mail")
        try:
            await self._out.adapter().send(_outgoing(self._out, json.loads(entry.payload)))
        except DeliveryUnknown as error:
            log.warning("a notice was perhaps not delivered", action="notice_unknown", cause=error.detail)
        return False


def _outgoing(out: MailOut, notice: dict[str, object]) -> Outgoing:
    article = str(UUID(hex=str(notice["key"])))
    return Outgoing(
        article_id=article,
        external_id=out.adapter().outgoing_id(article, out.account),
        ticket_id="",
        number="",
        channel=out.channel,
        account=out.account,
        to=str(notice["to"]),
        subject=str(notice["subject"]),
        text=str(notice["text"]),
        language="unknown",
        automatic=True,
        created_at=int(str(notice["created_at"])),
    )
