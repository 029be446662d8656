"""Whether the secrets of mail that are there can be used: our signing keys, service accounts, what posts are proven by.

What is wrong is told all at once, and no secret with it.
"""

import re
from collections.abc import Iterator, Sequence

from ...config.errors import Misconfigured
from ...config.problems import Problem
from ...config.secret_store import Secrets
from ..secret_shapes import demand, misshapen, unusable_keys
from .imap.mailbox_settings import MailboxSettings, key_of
from .imap.service_account import UnusableAccountError, read_account
from .settings import MailSettings
from .webhooks.webhook_settings import MailWebhookSettings, api_key_of, proof_of

_USER = re.compile(r"[^:\s]+:\S+\Z")
_KEY = re.compile(r"re_\S+\Z")


def check_secrets(section: MailSettings, secrets: Secrets) -> None:
    """Raises Misconfigured."""
    problems = [_signing(section, secrets)] if section.dkim else []
    problems += [_account(name, each, secrets) for name, each in section.mailboxes.items()]
    problems += [problem for name, each in section.webhooks.items() for problem in _webhook(name, each, secrets)]
    demand(*problems)


def _signing(section: MailSettings, secrets: Secrets) -> Sequence[Problem]:
    from .key_secrets import read_keys  # noqa: PLC0415  (cryptography, where there are keys)

    try:
        read_keys(section, secrets, only_those_there=True)
    except Misconfigured as error:
        return list(error.facts["problems"])
    return []


def _account(name: str, settings: MailboxSettings, secrets: Secrets) -> Sequence[Problem]:
    secret = key_of(name, settings.sign_in)
    if settings.sign_in != "service_account" or not (found := secrets.find(secret)):
        return []
    try:
        read_account(found)
    except UnusableAccountError as error:
        expected = "the key of a service account, the JSON file as Google gives it"
        return [Problem(secrets.position(secret), str(error), expected, f"trunkline mail connect {name} says how")]
    return []


def _webhook(name: str, settings: MailWebhookSettings, secrets: Secrets) -> Iterator[Sequence[Problem]]:
    proof = proof_of(name, settings)
    if settings.provider in ("postmark", "sendgrid"):
        yield misshapen(secrets, proof, _USER, "user:password")
    if settings.provider == "resend":
        yield unusable_keys(secrets, proof)
        yield misshapen(secrets, api_key_of(name), _KEY, "an API key of Resend, which begins with re_")
