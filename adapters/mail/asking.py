"""What stands between us and our mail is asked: mailboxes, whether they let us in to read and to send.

Providers that post mails have no question for it, and what the DNS says of a domain is asked by `trunkline mail check`
with the domain; both are named with where to look.
"""

from collections.abc import Mapping, Sequence

from ...config.secret_store import Secrets
from ..card import DomainFact
from ..findings import Finding, Level
from .imap.mailbox_settings import MailboxSettings, SignIn
from .mailbox_check import reading_of, sending_of
from .settings import MailSettings
from .webhooks.webhook_settings import MailWebhookSettings, WebhookProvider

_TESTS: Mapping[WebhookProvider, str] = {
    "postmark": "at Postmark, Inbound stream, Settings: Check, beside the webhook's address",
    "sendgrid": "at SendGrid, Inbound Parse: the host and the address; then send a mail to it",
    "mailgun": "at Mailgun, Receiving, Routes: the address; Send a sample POST at the foot of the page",
    "ses": "at Amazon SNS, the topic, Subscriptions: Confirmed; and the rule of SES publishes to it in Base64",
    "resend": "at Resend, Webhooks: the address, for email.received; its page lists the last posts",
}

_LET_IN: Mapping[SignIn, str] = {
    "password": "most providers want an app password: make one there, and write it into the secret mail_{name}",
    "refresh_token": "have its owner let us in once more: trunkline mail connect {name}",
    "client_credentials": "trunkline mail connect {name} says what the application needs at Microsoft",
    "service_account": "trunkline mail connect {name} says what the service account needs at Google",
}
_REACH = "try again; are server, port and encryption of the mailbox right, and may this machine reach them?"


async def ask(section: MailSettings, secrets: Secrets) -> Sequence[Finding]:
    """What mailboxes say, and where to look for all else."""
    found = list[Finding]()
    for name, settings in section.mailboxes.items():
        reading = await reading_of(name, settings, secrets)
        found.append(_finding(name, "reading", reading, settings))
        if settings.submission_server is not None and reading.level != "wrong":  # else one cause is told twice
            sending = await sending_of(name, settings, section, secrets)
            found.append(_finding(name, "sending", sending, settings))
    found += [_webhook(name, each) for name, each in section.webhooks.items()]
    return [*found, *_domains(section)]


def _finding(name: str, subject: str, fact: DomainFact, settings: MailboxSettings) -> Finding:
    level: Level = "look" if fact.level == "doubt" else fact.level
    remedies = {"wrong": _LET_IN[settings.sign_in].format(name=name), "unknown": _REACH}
    return Finding(name, subject, level, fact.words, remedies.get(level, ""))


def _webhook(name: str, settings: MailWebhookSettings) -> Finding:
    words = f"{settings.provider} cannot be asked where it posts to; it should be …/v1/mail/{name}"
    return Finding(name, "webhook", "look", words, _TESTS[settings.provider])


def _domains(section: MailSettings) -> Sequence[Finding]:
    domains = dict.fromkeys(each.rpartition("@")[2] for each in section.addresses)
    words = "what the DNS says of it is asked on its own"
    return [Finding(each, "domain", "look", words, f"trunkline mail check {each}") for each in domains]
