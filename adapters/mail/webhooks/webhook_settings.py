"""The section `channels.mail.webhooks`: providers that take our mail and post it to us, by name.

    webhooks:
      inbound: { provider: postmark }
      orders: { provider: ses, topic: "arn:aws:sns:eu-west-1:123456789012:orders" }

Each posts to `/v1/mail/<name>`. Secrets are not among it: what a post proves itself by is the secret `mail_<name>`; for
ses there is none. The key for Resend's API is `mail_<name>_key`.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ....config.secret_store import Secret
from ....config.section import Section, wrong
from ....config.vendor_settings import ApiUrl

WebhookProvider = Literal["postmark", "sendgrid", "mailgun", "ses", "resend"]

_TOPIC = re.compile(r"arn:aws(?:-[a-z-]+)?:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?")
_KEY = "_key"


def _topic(value: str) -> str:
    if value and not _TOPIC.fullmatch(value):
        raise wrong("the ARN of a topic, such as arn:aws:sns:eu-west-1:123456789012:inbound")
    return value


class MailWebhookSettings(Section):
    """A provider that posts mails to us."""

    provider: WebhookProvider = Field(description="Who posts.")
    topic: Annotated[str, AfterValidator(_topic)] = Field(
        default="", description="The topic of Amazon SNS that SES publishes to, by its ARN."
    )
    trust: bool = Field(
        default=True,
        description="Whether what the provider found out about a mail is believed: from which address it came, what "
        "it thinks of as spam, and, of SES, what speaks for its author.",
    )
    api: ApiUrl = Field(default="https://api.resend.com", description="Where Resend's API is.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.provider == "ses") != bool(self.topic):
            raise wrong("a topic with ses, and with no other provider")
        return self


def proof_of(name: str, settings: MailWebhookSettings) -> Secret:
    """What a post proves itself by."""
    return Secret(f"mail_{name}", make=None, origin=_ORIGINS[settings.provider])


def api_key_of(name: str) -> Secret:
    """What lets us fetch mails at Resend."""
    return Secret(f"mail_{name}{_KEY}", make=None, origin="an API key of Resend with full access")


def webhook_secrets(name: str, settings: MailWebhookSettings) -> list[Secret]:
    """All that a webhook needs."""
    key = [api_key_of(name)] if settings.provider == "resend" else []
    return [] if settings.provider == "ses" else [proof_of(name, settings), *key]


def apart(webhooks: Mapping[str, MailWebhookSettings], mailboxes: Mapping[str, object]) -> None:
    """Refuses names whose secrets would be those of something else."""
    taken = {
        "smarthost",
        *mailboxes,
        *(f"{name}_client" for name in mailboxes),
        *(f"{name}{_KEY}" for name in webhooks),
    }
    if both := sorted(taken & set(webhooks)):
        raise wrong(f"another name than {both[0]}", "its secret would be that of something else")


_USER = "user:password as they stand in the address that the provider posts to"
_ORIGINS: Mapping[WebhookProvider, str] = {
    "postmark": _USER,
    "sendgrid": _USER,
    "mailgun": "the HTTP webhook signing key of Mailgun",
    "ses": "",
    "resend": "the signing secret of the webhook at Resend",
}
