"""The channel mail for the conformance tests, posted by SendGrid."""

import json

from tests.fakes.mail_providers import form

from .posted_mail import PostedMailSubject, headers_of


class SendgridSubject(PostedMailSubject):
    """Basic authentication; the mail is a field of a form."""

    provider = "sendgrid"

    def told(self, content: bytes) -> tuple[bytes, dict[str, str]]:
        envelope = json.dumps({"to": [self.account], "from": "maria@example.org"})
        body, headers = form({"envelope": envelope, "email": content})
        return body, headers_of(headers)


SUBJECT = SendgridSubject
