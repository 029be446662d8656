"""The channel mail for the conformance tests, posted by Resend, which has the mails fetched."""

import base64
import hmac
import re

from aiohttp.test_utils import TestServer

from tests.fakes.mail_providers import SVIX, Resend
from trunkline.adapters.capability import Proof

from .posted_mail import NOW, PostedMailSubject, as_json
from .subject import Sealed


class ResendSubject(PostedMailSubject):
    """Signed as Standard Webhooks are, under other names."""

    provider = "resend"
    stamp = str(NOW)
    header = "svix-signature"

    @property
    def proof(self) -> Proof:
        return "signature"

    async def open(self) -> None:
        self.resend = Resend()
        self._api = TestServer(self.resend.application())
        await self._api.start_server()
        self.about = {"api": str(self._api.make_url("")).rstrip("/")}  # type: ignore[misc]
        await super().open()

    async def close(self) -> None:
        await super().close()
        await self._api.close()

    def told(self, content: bytes) -> tuple[bytes, dict[str, str]]:
        known = re.sub(rb"\W", b"", content).decode()[:60]
        self.resend.mails[known] = content
        return as_json({"type": "email.received", "data": {"email_id": known, "to": [self.account]}}), {}

    def proven(self, body: bytes, headers: dict[str, str], stamp: str | None) -> Sealed:
        at = self.stamp if stamp is None else stamp
        key = base64.b64decode(SVIX.removeprefix("whsec_"))
        signature = base64.b64encode(hmac.digest(key, f"msg_1.{at}.".encode() + body, "sha256")).decode()
        given = {"svix-id": "msg_1", "svix-timestamp": at, self.header: f"v1,{signature}"}
        return Sealed(self.webhook, {**headers, **given}, body, self.header)


SUBJECT = ResendSubject
