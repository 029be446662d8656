"""The channel mail for the conformance tests, where a provider takes the mail and posts it.

It is read, and answered by SMTP, as any mail is.
"""

import json
from pathlib import Path
from typing import Any, ClassVar

from aiohttp import ClientSession

from tests.fakes.mail_providers import KEY, SVIX, USER, Sns, basic
from trunkline.adapters.capability import Proof
from trunkline.adapters.mail.settings import MailSettings
from trunkline.adapters.mail.webhook_face import MailWebhooks
from trunkline.config.secret_store import Secrets
from trunkline.web.service import WebService, new_application

from .mail_subject import MailSubject, mail
from .subject import Answer, Sealed, hand_in, url_of

NOW = 1_796_000_000
MEBIBYTE = 1 << 20


class PostedMailSubject(MailSubject):
    """One provider, which posts to `/v1/mail/posted`; by basic authentication, unless another says otherwise."""

    listens_itself = False
    largest = 4 * MEBIBYTE
    secrets = (USER, KEY, SVIX)
    provider: ClassVar[str]
    about: ClassVar[dict[str, str]] = {}
    more: ClassVar[dict[str, Any]] = {"max_size": "1MiB"}
    deadline = 15
    header = "Authorization"

    @property
    def proof(self) -> Proof:
        return "token"

    async def open(self) -> None:
        self.sns = Sns()
        self.more = {**type(self).more, "webhooks": {"posted": {"provider": self.provider, **self.about}}}  # type: ignore[misc]
        await super().open()
        application = new_application()
        self.channel.routes(application)
        self._service = WebService(application, "127.0.0.1", 0)
        await self._service.start()

    def _webhooks(self, section: MailSettings) -> MailWebhooks:
        proof = {"mailgun": KEY, "resend": SVIX}.get(self.provider, USER)
        known = {"TRUNKLINE_SECRET_MAIL_POSTED": proof, "TRUNKLINE_SECRET_MAIL_POSTED_KEY": "re_key"}
        secrets = Secrets(Path("nowhere"), known, False)
        return MailWebhooks(section, secrets, self.intake, fetch=self.sns.fetch, now=lambda: NOW)  # type: ignore[arg-type]

    async def close(self) -> None:
        await self._service.stop()
        await super().close()

    @property
    def webhook(self) -> str:
        """Where the provider posts to."""
        return url_of(self._service, "v1/mail/posted")

    async def deliver(self, identifier: str, text: str) -> Answer:
        async with ClientSession() as session:
            status = await hand_in(session, self.posted(mail(identifier, text)))
        return "taken" if status == 200 else "later" if status == 503 else "never"

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:
        return self.proven(body, {}, stamp) if body else self.posted(mail("1", "Hello"), stamp)

    def posted(self, content: bytes, stamp: str | None = None) -> Sealed:
        """The post of a mail."""
        return self.proven(*self.told(content), stamp)

    def told(self, content: bytes) -> tuple[bytes, dict[str, str]]:
        """The body and the headers in which a mail is posted, without what proves them."""
        raise NotImplementedError

    def proven(self, body: bytes, headers: dict[str, str], stamp: str | None) -> Sealed:  # noqa: ARG002
        """A post of the provider."""
        return Sealed(self.webhook, {**headers, self.header: basic()}, body, self.header)


def headers_of(given: dict[str, str]) -> dict[str, str]:
    """As they are written."""
    return {name.replace("_", "-"): value for name, value in given.items()}


def as_json(told: Any) -> bytes:
    """As providers write it."""
    return json.dumps(told).encode()
