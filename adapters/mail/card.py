"""The card of the channel `mail`."""

from typing import TYPE_CHECKING

from ...config.problems import Problem, misconfigured
from ...config.secret_store import Secret, Secrets
from ...normalizer.channel_facts import ChannelFacts
from ...normalizer.joining import PROVEN
from ...normalizer.outgoing import Parsed
from ..card import Capability, Card, ChannelParts
from .settings import DkimKey, MailSettings

if TYPE_CHECKING:
    from .channel import MailChannel
    from .signing_keys import SigningKey

REPLY_TOKEN = Secret("reply_token", loss="answers to mails that were sent so far do not find their tickets")
SMARTHOST_PASSWORD = Secret("mail_smarthost", make=None)


def _build(section: MailSettings, parts: ChannelParts) -> "MailChannel":
    from .channel import MailChannel

    return MailChannel(
        section,
        intake=parts.intake,
        token_key=parts.secrets.get(REPLY_TOKEN).encode(),
        read_blob=parts.blobs.get,
        listen=parts.listen.smtp,
        fit=parts.fit,
        now=lambda: parts.clock.now() / 1000,
        signing_keys=signing_keys(section, parts.secrets),
        smarthost_password=parts.secrets.get(SMARTHOST_PASSWORD) if section.smarthost_username else "",
    )


def _secrets(section: MailSettings) -> list[Secret]:
    password = [SMARTHOST_PASSWORD] if section.smarthost_username else []
    return [REPLY_TOKEN, *password, *map(dkim_secret, section.dkim)]


def dkim_secret(key: DkimKey) -> Secret:
    """The secret that holds a key."""
    origin = f"trunkline mail key {key.domain} {key.selector} makes one"
    return Secret(key.secret, make=None, origin=origin, loss="the record in the DNS has to be changed")


def signing_keys(section: MailSettings, secrets: Secrets, *, only_those_there: bool = False) -> "list[SigningKey]":
    """The keys of the secrets. Raises Misconfigured with everything that is wrong, or missing."""
    from .signing_keys import SigningKey, UnusableKeyError

    found: list[SigningKey] = []
    problems: list[Problem] = []
    for key in section.dkim:
        secret = dkim_secret(key)
        pem = secrets.find(secret) if only_those_there else secrets.get(secret)
        try:
            found += [SigningKey.read(key.domain, key.selector, pem)] if pem else []
        except UnusableKeyError as error:
            expected = "a private key in PEM without a passphrase, RSA with 2048 bits or more or Ed25519"
            problems.append(Problem(secrets.position(secret), str(error), expected, secret.origin))
    if problems:
        raise misconfigured(problems)
    return found


def _check_secrets(section: MailSettings, secrets: Secrets) -> None:
    signing_keys(section, secrets, only_those_there=True)


def _read_file(content: bytes, section: MailSettings, _: str) -> Parsed:
    from .file_reading import read_file

    return read_file(content, section)


def _greeting(section: MailSettings) -> str:
    out = f"replies leave through {section.smarthost}" if section.smarthost else "no smarthost, so replies stay queued"
    return f"mail for {', '.join(section.addresses)}; {out}"


CARD = Card(
    name="mail",
    settings=MailSettings,
    capability=Capability(idempotent_send=False, joins=True, attachments=True, receipts=True, offer_time=300),
    facts=ChannelFacts(
        words="E-mail",
        mark='<rect x="1.75" y="3.25" width="12.5" height="9.5" rx="1.5"/><path d="m2.25 4.5 5.75 4.25 5.75-4.25"/>',
        way="by e-mail",
        letters=True,
        one_article=True,
        proven=PROVEN,
        identities={"email": "E-mail"},
        original=("message/rfc822", "eml"),
    ),
    build=_build,
    role="smtp",
    secrets=_secrets,
    check_secrets=_check_secrets,
    accounts=lambda section: section.addresses,
    writes_to="email",
    read_file=_read_file,
    greeting=_greeting,
)
