"""The alerts: a queue worked off by whoever can send mail and post to other systems.

The id of an alert is that of its mail and of its post, so a receiver knows a repeat. What cannot be sent now is tried
again with growing pauses; what is refused for good, and what has no way any more, is a dead letter, which can be sent
again. A mail whose fate is unknown is not repeated.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from ..config.errors import DeliveryFailed, DeliveryUnknown
from ..config.webhook_settings import WebhookSettings
from ..normalizer.outgoing import Outgoing
from ..queue.work import Entry, WorkQueue
from ..web.signed_posts import SignedPosts
from ..web.webhook_signing import key_of
from .outgoing_mail import MailOut

log = structlog.get_logger()


class Alerts:
    """The handler of the queue of alerts; `secret` gives the signing secret of a webhook by its name."""

    def __init__(
        self,
        queue: WorkQueue,
        posts: SignedPosts,
        *,
        webhooks: Callable[[], Mapping[str, WebhookSettings]],
        secret: Callable[[str], str],
        out: MailOut | None,
    ) -> None:
        self.queue = queue
        self._posts = posts
        self._webhooks = webhooks
        self._secret = secret
        self._out = out

    async def handle(self, entry: Entry) -> bool:
        """Send one. Raises DeliveryDeferred, DeliveryFailed."""
        alert = json.loads(entry.payload)
        if alert["webhook"]:
            await self._post(alert)
        else:
            await self._mail(alert)
        return False

    async def close(self) -> None:
        """Close connections."""
        await self._posts.close()

    async def _post(self, alert: Mapping[str, Any]) -> None:
        name = alert["webhook"]
        to = self._webhooks().get(name)
        if to is None:
            raise DeliveryFailed(f"the webhook {name} is not configured any more; name it in `webhooks`")
        body = json.dumps(alert["content"], ensure_ascii=False, separators=(",", ":")).encode()
        await self._posts.post(to, body, key=key_of(self._secret(name)), message_id=alert["id"])

    async def _mail(self, alert: Mapping[str, Any]) -> None:
        if self._out is None:
            raise DeliveryFailed("no channel of the configuration sends mail, so nobody can be told by it")
        try:
            await self._out.adapter().send(_outgoing(self._out, alert))
        except DeliveryUnknown as error:
            log.warning("an alert was perhaps not delivered", action="alert_unknown", cause=error.detail)


def _outgoing(out: MailOut, alert: Mapping[str, Any]) -> Outgoing:
    return Outgoing(
        article_id=alert["id"],
        external_id=out.adapter().outgoing_id(alert["id"], out.account),
        ticket_id="",
        number="",
        channel=out.channel,
        account=out.account,
        to=alert["address"],
        subject=alert["subject"],
        text=alert["text"],
        language="en",
        automatic=True,
        created_at=alert["at"],
    )
