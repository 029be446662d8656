"""The card of the channel `mail`."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...config.secret_store import Secret, Secrets
from ...normalizer.channel_facts import ChannelFacts
from ...normalizer.joining import PROVEN
from ...normalizer.outgoing import Parsed
from ...normalizer.sending_limits import Sends
from ..capability import ALL_KINDS, Answers, Capability, Handing, Incoming
from ..card import Card, ChannelParts, Domains, Doubt, Mailboxes
from .imap.mailbox_settings import secrets_of
from .settings import MailSettings
from .webhooks.webhook_settings import webhook_secrets

if TYPE_CHECKING:
    from ..findings import Finding
    from .channel import MailChannel

REPLY_TOKEN = Secret("reply_token", loss="answers to mails that were sent so far do not find their tickets")
SMARTHOST_PASSWORD = Secret("mail_smarthost", make=None)


def _build(section: MailSettings, parts: ChannelParts) -> "MailChannel":
    from .channel import MailChannel
    from .key_secrets import read_keys
    from .mailboxes import mailbox_readers, sent_folders, submissions
    from .webhook_face import MailWebhooks

    return MailChannel(
        section,
        intake=parts.intake,
        token_key=parts.secrets.get(REPLY_TOKEN).encode(),
        read_blob=parts.blobs.get,
        listen=parts.listen.smtp,
        fit=parts.fit,
        now=lambda: parts.clock.now() / 1000,
        signing_keys=read_keys(section, parts.secrets),
        smarthost_password=parts.secrets.get(SMARTHOST_PASSWORD) if section.smarthost_username else "",
        mailboxes=mailbox_readers(section.mailboxes, section.max_size, parts),
        submissions=submissions(section, parts.secrets),
        sent_folders=sent_folders(section, parts.secrets),
        webhooks=MailWebhooks(section, parts.secrets, parts.intake, parts.peers) if section.webhooks else None,
    )


def _secrets(section: MailSettings) -> list[Secret]:
    password = [SMARTHOST_PASSWORD] if section.smarthost_username else []
    mailboxes = [each for name, mailbox in section.mailboxes.items() for each in secrets_of(name, mailbox)]
    webhooks = [each for name, webhook in section.webhooks.items() for each in webhook_secrets(name, webhook)]
    return [REPLY_TOKEN, *password, *mailboxes, *webhooks, *(key.secret for key in section.dkim)]


def _check_secrets(section: MailSettings, secrets: Secrets) -> None:
    from .secret_checks import check_secrets

    check_secrets(section, secrets)


def _doubts(section: MailSettings) -> Iterable[Doubt]:
    from .doubts import doubts

    return doubts(section)


def _domains() -> Domains:
    from .domains import MailDomains

    return MailDomains()


def _mailboxes() -> Mailboxes:
    from .mailbox_check import MailMailboxes

    return MailMailboxes()


def _read_file(content: bytes, section: MailSettings, _: str) -> Parsed:
    from .file_reading import read_file

    return read_file(content, section)


async def _ask(section: MailSettings, secrets: Secrets) -> "Sequence[Finding]":
    from .asking import ask

    return await ask(section, secrets)


def _greeting(section: MailSettings) -> str:
    sent = {each.address: each.submission_server for each in section.mailboxes.values() if each.submission_server}
    smarthost = str(section.smarthost or "")
    servers = dict.fromkeys(str(sent.get(address) or smarthost) for address in section.addresses)
    out = f"replies leave through {', '.join(filter(None, servers))}" if any(servers) else ""
    lacking = "" if all(servers) else "some replies stay queued" if out else "no smarthost, so replies stay queued"
    return f"mail for {', '.join(section.addresses)}; {'; '.join(filter(None, (out, lacking)))}"


SENDS = Sends(dialect="html")

CARD = Card(
    name="mail",
    settings=MailSettings,
    capability=Capability(
        idempotent_send=False,
        joins=True,
        attachments=True,
        receipts=True,
        offer_time=300,
        incoming=Incoming(files=ALL_KINDS),
        handing=Handing(
            proof="origin",
            deadline=600,
            retries="mail servers try again for days; a mailbox keeps what comes",
            gap=("sender", "cursor"),
            ordered=False,
        ),
        answers=Answers(receipts=("delivered", "read", "failed")),
        page="../mail.md",
    ),
    facts=ChannelFacts(
        words="E-mail",
        mark='<rect x="1.75" y="3.25" width="12.5" height="9.5" rx="1.5"/><path d="m2.25 4.5 5.75 4.25 5.75-4.25"/>',
        way="by e-mail",
        sends=lambda _: SENDS,
        letters=True,
        one_article=True,
        ids_by_account=False,
        proven=PROVEN,
        identities={"email": "E-mail"},
        original=("message/rfc822", "eml"),
    ),
    build=_build,
    role="smtp",
    secrets=_secrets,
    check_secrets=_check_secrets,
    doubts=_doubts,
    ask=_ask,
    domains=_domains,
    mailboxes=_mailboxes,
    changeable=frozenset({"addresses", "forwarding"}),
    accounts=lambda section: section.addresses,
    also_to=lambda section: tuple(section.forwarding),
    writes_to="email",
    read_file=_read_file,
    assumed={"addresses": ["support@example.com"]},
    greeting=_greeting,
)
