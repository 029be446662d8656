"""The channel mail for the conformance tests, posted by Postmark."""

from tests.fakes.mail_providers import postmark

from .posted_mail import PostedMailSubject


class PostmarkSubject(PostedMailSubject):
    """Basic authentication; the mail is a text in JSON."""

    provider = "postmark"

    def told(self, content: bytes) -> tuple[bytes, dict[str, str]]:
        return postmark(RawEmail=content.decode(), OriginalRecipient=self.account), {}


SUBJECT = PostmarkSubject
