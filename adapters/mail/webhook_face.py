"""Mail that a provider takes for us and posts: `/v1/mail/{name}`, one face for all providers.

The face is the one of all vendors (vendor_webhook.py): verified, stored, and only then 200. What is stored are the
bytes of the mail, as if it had come by SMTP: it is read, joined and proven like any other, and one that comes by two
ways is one article. The post of a provider is known by the mail in it and whom it is for, so its repeats add nothing.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web
from prometheus_client.core import Metric

from ...config.errors import Misconfigured
from ...config.secret_store import Secrets
from ...queue.intake import Intake
from ...web.peers import Peers
from ...web.webhook_signing import keys_of
from ..vendor_post import Event, Post
from ..vendor_webhook import Contract, VendorWebhook
from .fingerprint import dedup_key, external_id, lane
from .recipients import OwnAddresses
from .settings import MailSettings
from .webhooks.arrived import Arrived
from .webhooks.providers import demand_basic, demand_mailgun, read_mailgun, read_postmark, read_sendgrid
from .webhooks.resend import ResendMails, demand_svix
from .webhooks.sns import Get, SnsPosts, get, read_ses
from .webhooks.webhook_settings import MailWebhookSettings, api_key_of, proof_of

CHANNEL = "mail"
PATIENCE = 12.0  # SNS and Svix, of which Resend's are, wait for 15 seconds, the others longer
UNREADABLE = "unreadable"
"""The transport fact of a body that has no mail in it that could be had."""

_READERS: Mapping[str, Callable[[Post], list[Arrived]]] = {
    "postmark": read_postmark,
    "sendgrid": read_sendgrid,
    "mailgun": read_mailgun,
    "ses": read_ses,
}


class MailWebhooks(VendorWebhook):
    """The face of all configured providers."""

    def __init__(
        self,
        section: MailSettings,
        secrets: Secrets,
        intake: Intake,
        peers: Peers | None = None,
        *,
        fetch: Get = get,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`fetch` has what SNS names; `now` gives seconds since 1970. Raises Misconfigured."""
        self._providers = section.webhooks
        self._secrets = secrets
        self._own = OwnAddresses(section.addresses, section.forwarding)
        self._now = now
        self._topics = {n: SnsPosts(each.topic, fetch) for n, each in self._providers.items() if each.topic}
        self._resend = {
            name: ResendMails(each.api, section.max_size)
            for name, each in self._providers.items()
            if each.provider == "resend"
        }
        for name in self._resend:
            self._signing_keys(name)
        contract = Contract(
            verify=self._demand,
            split=self._split_up,
            prepare=self._prepare,
            complete=self._complete,
            largest=3 * section.max_size + (1 << 20),  # in JSON, with its files beside it
            patience=PATIENCE,
        )
        super().__init__(CHANNEL, list(section.webhooks), contract, intake, peers)

    async def close(self) -> None:
        """Close connections."""
        for each in self._resend.values():
            await each.close()

    async def _prepare(self, post: Post) -> None:
        if topic := self._topics.get(post.account):
            await topic.prepare(post)

    def _demand(self, post: Post) -> None:
        settings = self._providers[post.account]
        if settings.provider == "ses":
            return self._topics[post.account].verify(post, self._now())
        if settings.provider == "resend":
            return demand_svix(post, self._signing_keys(post.account), self._now())
        secret = self._secrets.get(proof_of(post.account, settings))
        if settings.provider == "mailgun":
            return demand_mailgun(post, secret, self._now())
        return demand_basic(post, secret)

    def _signing_keys(self, name: str) -> Sequence[bytes]:
        secret = proof_of(name, self._providers[name])
        try:
            return keys_of(self._secrets.get(secret))
        except Misconfigured as error:
            if "problems" in error.facts:
                raise
            raise Misconfigured(f"{self._secrets.position(secret)}: {error.detail}") from error

    def _split_up(self, post: Post) -> Sequence[Event]:
        """Pure; what has to be asked of the provider comes in `_complete`."""
        settings = self._providers[post.account]
        reader = _READERS.get(settings.provider)
        return [_event(each, settings) for each in reader(post)] if reader else []

    async def _complete(self, post: Post, events: Sequence[Event]) -> Sequence[Event]:
        if topic := self._topics.get(post.account):
            await topic.confirm(post)
        if fetcher := self._resend.get(post.account):
            settings = self._providers[post.account]
            found = await fetcher.read(post, self._secrets.get(api_key_of(post.account)))
            return [_event(each, settings) for each in found]
        return events

    async def _accept(self, account: str, event: Event, external_id: str, facts: Mapping[str, Any]) -> None:
        """As the listener stores a mail; the peer of the post is not the peer of the mail."""
        told = {"posted_by": facts["peer"], **(event.facts or {UNREADABLE: True})}
        recipients = told.get("rcpt_to", ())
        await self._intake.accept(
            channel=CHANNEL,
            account=self._own.account(self._own.found(recipients)) or next(iter(self._own.addresses)),
            external_id=external_id,
            kind=event.kind,
            lane=lane(told.get("mail_from") or "", external_id),
            content=event.content,
            transport={**told, "webhook": account},
            dedup=dedup_key(event.content, external_id, recipients, f"webhook:{account}"),
            says=b"",
        )


def _event(arrived: Arrived, settings: MailWebhookSettings) -> Event:
    name = external_id(arrived.content)
    return Event(name, "message", name, arrived.content, facts=arrived.facts(settings.provider, trust=settings.trust))


class NoWebhooks:
    """Stands where none is configured."""

    def mount(self, application: web.Application) -> None:
        """Mounts nothing."""

    def metrics(self) -> Iterable[Metric]:
        """None."""
        return ()

    async def close(self) -> None:
        """Nothing to close."""
