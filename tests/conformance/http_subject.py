"""The channel http for the conformance tests: signed posts in, callbacks out."""

import base64
import hmac
import json
from typing import Any

from aiohttp import ClientSession

from trunkline.adapters.http_source.channel import HttpChannel
from trunkline.adapters.http_source.settings import HttpSettings
from trunkline.queue.clock import ManualClock
from trunkline.web.webhook_signing import key_of, signed_headers

from .skeleton_subject import SkeletonSubject
from .subject import Answer, Sealed, url_of


class HttpSubject(SkeletonSubject):
    """HTTP: signed posts in, callbacks out."""

    account = "shop"
    sender_key = "email:maria@example.org"
    webhook_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    now = 1_800_000_000
    gives_files = False
    largest = 256 * 1024

    def _made(self, endpoint: str) -> Any:
        shop = {
            "fields": {"email": "from", "message": "text"},
            "reply": "callback",
            "callback": {"url": endpoint, "allow_private": True},
        }
        return HttpChannel(
            HttpSettings.model_validate({self.account: shop}),
            intake=self.intake,
            secret_of=lambda _: self.webhook_secret,
            clock=ManualClock(self.now * 1000),
        )

    @property
    def secrets(self) -> tuple[str, ...]:  # type: ignore[override]
        return (self.webhook_secret,)

    @property
    def stamp(self) -> str:  # type: ignore[override]
        return str(self.now)

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:
        body = body or json.dumps({"from": "maria@example.org", "text": "Hello"}).encode()
        headers = signed_headers(key_of(self.webhook_secret), "msg_1", self.now, body)
        if stamp is not None:
            signed = hmac.digest(key_of(self.webhook_secret), f"msg_1.{stamp}.".encode() + body, "sha256")
            signature = f"v1,{base64.b64encode(signed).decode()}"
            headers |= {"webhook-timestamp": stamp, "webhook-signature": signature}
        return Sealed(url_of(self._service, "v1/inbound/shop"), headers, body, "webhook-signature")

    async def deliver(self, identifier: str, text: str) -> Answer:
        body = json.dumps({"from": "maria@example.org", "text": text}).encode()
        headers = signed_headers(key_of(self.webhook_secret), identifier, self.now, body)
        async with (
            ClientSession() as session,
            session.post(url_of(self._service, "v1/inbound/shop"), data=body, headers=headers) as response,
        ):
            return "taken" if response.status == 202 else "later" if response.status == 503 else "never"


SUBJECT = HttpSubject
