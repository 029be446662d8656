"""The channel mail for the conformance tests, published by Amazon SES to SNS, which posts it."""

import json
from datetime import UTC, datetime

from aiohttp import ClientSession

from tests.fakes.mail_providers import TOPIC, ses
from trunkline.adapters.capability import Proof

from .posted_mail import NOW, PostedMailSubject, as_json
from .subject import Alter, Sealed, hand_in


class SesSubject(PostedMailSubject):
    """The JSON has its signature in itself."""

    provider = "ses"
    about = {"topic": TOPIC}  # noqa: RUF012
    stamp = datetime.fromtimestamp(NOW, UTC).isoformat()
    seals_any = False

    @property
    def proof(self) -> Proof:
        return "signature"

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:
        return self.posted(body, stamp) if body else super().sealed(body, stamp)

    def posted(self, content: bytes, stamp: str | None = None) -> Sealed:
        told = ses(content)
        told["receipt"]["recipients"] = [self.account]
        signed = self.sns.message(told, Timestamp=self.stamp if stamp is None else stamp)
        return Sealed(self.webhook, {}, signed, "")

    async def post_as(self, alter: Alter, body: bytes = b"") -> int:
        sealed = self.sealed(body)
        told = json.loads(sealed.body)
        told["Signature"] = alter(told["Signature"])
        async with ClientSession() as session:
            return await hand_in(session, Sealed(sealed.url, {}, as_json(told), ""))


SUBJECT = SesSubject
