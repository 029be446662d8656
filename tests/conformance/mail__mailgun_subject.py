"""The channel mail for the conformance tests, posted by Mailgun."""

import hmac
from typing import Any

from aiohttp import ClientSession

from tests.fakes.mail_providers import KEY, form, mailgun

from .posted_mail import NOW, PostedMailSubject, headers_of
from .subject import Alter, Sealed, hand_in


class MailgunSubject(PostedMailSubject):
    """The form proves itself by fields of its own, which do not cover the mail."""

    provider = "mailgun"
    stamp = str(NOW)
    seals_any = False

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:
        return self.posted(body, stamp) if body else super().sealed(body, stamp)

    def posted(self, content: bytes, stamp: str | None = None) -> Sealed:
        return self._form(self._fields(content, self.stamp if stamp is None else stamp))

    async def post_as(self, alter: Alter, body: bytes = b"") -> int:
        fields = self._fields(body or b"From: a@b.example\r\n\r\nHello\r\n", self.stamp)
        fields["signature"] = alter(fields["signature"])
        async with ClientSession() as session:
            return await hand_in(session, self._form({name: each for name, each in fields.items() if each is not None}))

    def _fields(self, content: bytes, stamp: str) -> dict[str, Any]:
        told = mailgun(recipient=self.account, timestamp=stamp)
        signed = hmac.digest(KEY.encode(), f"{stamp}{told['token']}".encode(), "sha256").hex()
        return {**told, "signature": signed, "body-mime": content}

    def _form(self, fields: dict[str, Any]) -> Sealed:
        body, headers = form(fields)
        return Sealed(self.webhook, headers_of(headers), body, "")


SUBJECT = MailgunSubject
