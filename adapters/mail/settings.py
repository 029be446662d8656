"""The section `channels.mail` of the configuration.

Secrets are not among it: the password for the smarthost is the secret `mail_smarthost`, those of mailboxes
and webhooks `mail_<name>`, the key of the reply tokens the secret `reply_token`.
"""

import ipaddress
import re
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from ...config.fields import Name
from ...config.networks import TrustedNetwork
from ...config.quantities import Address, Duration, Size, parse_size
from ...config.secret_store import Secret
from ...config.section import Section, wrong
from ...normalizer.addresses import normalise_address
from . import reply_token
from .imap.mailbox_settings import MailboxSettings, with_own_names
from .origin.settings import Domain, OriginSettings
from .webhooks.webhook_settings import MailWebhookSettings, apart

# RFC 5321 section 4.5.3.1.1: a local part has at most 64 octets, and ours must leave room for `+token`.
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_LOCAL = 64 - 1 - reply_token.LENGTH


def _own_address(value: str) -> str:
    key = normalise_address(value)
    if key is None or not key.isascii() or '"' in key:
        raise wrong("a mail address such as support@example.com")
    if len(key.rpartition("@")[0]) > _LONGEST_LOCAL:
        raise wrong(
            f"an address with at most {_LONGEST_LOCAL} characters before the @, which leaves room for reply tokens"
        )
    return key


def _one_line(value: str) -> str:
    if any(not character.isprintable() for character in value):
        raise wrong("one line of text")
    return value.strip()


def _forwarded_address(value: str, info: ValidationInfo) -> str:
    key = normalise_address(value)
    if key is None:
        raise wrong("a mail address elsewhere, such as info@old.example")
    if key in info.data.get("addresses", ()):
        raise wrong("an address elsewhere, and none of `addresses`", "mail to it is taken as it is: leave it out")
    return key


def _one_of_ours(value: str, info: ValidationInfo) -> str:
    _demand_ours(value, info)
    return value


def _demand_ours(value: str, info: ValidationInfo, at: tuple[str, ...] = ()) -> None:
    ours = info.data.get("addresses", (value,))  # where those are wrong, that is told
    if value not in ours:
        close = get_close_matches(value, ours, n=1)
        remedy = f"did you mean {close[0]}?" if close else "name the one of ours that its mail is for, or add it there"
        raise wrong(f"one of `addresses` ({', '.join(ours)})", remedy, at)


def _of_ours(value: MailboxSettings, info: ValidationInfo) -> MailboxSettings:
    _demand_ours(value.address, info, ("address",))
    return value


def _selector(value: str) -> str:
    if not _SELECTOR.fullmatch(value):
        raise wrong("a selector such as desk2026: small letters, digits and hyphens")
    return value


Selector = Annotated[str, AfterValidator(_selector)]
Quote = Literal["none", "last", "all"]
OwnAddress = Annotated[str, AfterValidator(_own_address)]
ForwardedAddress = Annotated[str, AfterValidator(_forwarded_address)]


class MailCaps(Section):
    """How much one peer, and all of them together, may ask for."""

    connections: int = Field(default=200, ge=1, description="Open connections in total.")
    connections_per_peer: int = Field(default=20, ge=1, description="Open connections of one peer that is not trusted.")
    messages: int = Field(default=1000, ge=1, description="Messages on one connection.")
    commands: int = Field(default=10_000, ge=10, description="Commands on one connection.")
    errors: int = Field(default=20, ge=1, description="Refused commands and recipients on one connection.")
    recipients: int = Field(default=100, ge=1, description="Recipients of one message; RFC 5321 asks for 100.")
    idle: Duration = Field(default=timedelta(minutes=5), description="Silence after which a connection is closed.")
    idle_under_load: Duration = Field(
        default=timedelta(seconds=20), description="The same while three quarters of the connections are in use."
    )
    message_time: Duration = Field(default=timedelta(minutes=10), description="The longest that one message may take.")
    connection_time: Duration = Field(default=timedelta(hours=1), description="The longest that a connection may last.")
    intake_time: Duration = Field(
        default=timedelta(seconds=30), description="How long storing may take before the sender is told to try later."
    )
    in_flight: Size = Field(
        default=parse_size("128MiB"), description="Bytes of all messages being received; above it they are put off."
    )


class DkimKey(Section):
    """A key by which our mails are signed; the key itself is the secret `dkim_<domain>_<selector>`."""

    domain: Domain = Field(description="The domain of From that it signs for, or one above it.")
    selector: Selector = Field(description="Under which its public half stands: <selector>._domainkey.<domain>.")

    @property
    def secret(self) -> Secret:
        """The secret."""
        name = f"dkim_{self.domain}_{self.selector}".replace(".", "_")
        origin = f"trunkline mail key {self.domain} {self.selector} makes one"
        return Secret(name, make=None, origin=origin, loss="the record in the DNS has to be changed")


class MailSettings(Section):
    """Mail: an SMTP listener for what comes in, a smarthost for what goes out."""

    addresses: tuple[OwnAddress, ...] = Field(
        min_length=1,
        description="The addresses that mail is taken for; the first one that a mail is sent to is its account.",
    )
    forwarding: Mapping[ForwardedAddress, Annotated[OwnAddress, AfterValidator(_one_of_ours)]] = Field(
        default_factory=dict,
        description="Addresses elsewhere whose mail is forwarded to us, each with the address of ours that it is for: "
        "mail to them is filed as if it had been written to that one, and no answer goes to them. Rules can also ask "
        "for them as recipient.",
    )
    mailboxes: Annotated[
        Mapping[Name, Annotated[MailboxSettings, AfterValidator(_of_ours)]], AfterValidator(with_own_names)
    ] = Field(
        default_factory=dict,
        description="Mailboxes at a provider that are read by IMAP, by name; docs/channels/mailbox.md.",
    )
    webhooks: Mapping[Name, MailWebhookSettings] = Field(
        default_factory=dict,
        description="Providers that take our mail and post it to us, by name; docs/channels/mail_webhooks.md.",
    )
    name: Annotated[str, AfterValidator(_one_line)] = Field(
        default="",
        max_length=100,
        description="The name that replies carry beside our address, such as Example Support.",
    )
    hostname: Annotated[str, AfterValidator(_one_line)] = Field(
        default="", max_length=253, description="Our name in SMTP; left out, the domain of the first address."
    )
    trusted_peers: tuple[TrustedNetwork, ...] = Field(
        default=(),
        description="Networks of your own mail servers, which have checked SPF, DKIM and DMARC; mail from them is "
        "taken as coming from the address it names, unless it says dmarc=fail.",
    )
    origin: OriginSettings = Field(
        default=OriginSettings(), description="How it is proven that a mail comes from the address it names."
    )
    max_size: Size = Field(default=parse_size("25MiB"), ge=64 * 1024, description="The largest mail taken.")
    certificate: Path | None = Field(default=None, description="PEM file with the certificate chain; offers STARTTLS.")
    key: Path | None = Field(default=None, description="PEM file with its private key, when it stands apart.")
    caps: MailCaps = Field(default=MailCaps(), description="Limits on peers.")
    smarthost: Address | None = Field(
        default=None, description="The server that takes our replies; left out, replies stay queued."
    )
    smarthost_tls: Literal["none", "starttls", "implicit"] = Field(
        default="none", description="How the connection to the smarthost is encrypted."
    )
    smarthost_username: Annotated[str, AfterValidator(_one_line)] = Field(
        default="", description="The user to log in as; the password is the secret mail_smarthost."
    )
    dkim: tuple[DkimKey, ...] = Field(
        default=(),
        description="The keys by which our mails are signed, each with all of its domain; `trunkline mail key` makes "
        "one. To change keys, add the new one, and take the old one away a week later.",
    )
    quote: Quote = Field(
        default="last",
        description="What our replies quote below: none; last, the messages that they answer; all, the newest messages "
        "of the conversation. Only what everybody who gets the reply has seen.",
    )
    subject_number: bool = Field(
        default=True,
        description="Whether the case number stands behind the subject of our mails. Without it Gmail shows our first "
        "answer in the conversation that the customer began; answers find their tickets either way.",
    )
    parsers: int = Field(default=1, ge=1, le=16, description="Processes that read mails.")

    @model_validator(mode="after")
    def _consistent(self) -> "MailSettings":
        if len(set(self.addresses)) != len(self.addresses):
            raise wrong("every address once")
        if len({key.secret.name for key in self.dkim}) != len(self.dkim):
            raise wrong("every selector of dkim once for its domain")
        apart(self.webhooks, self.mailboxes)
        if self.key is not None and self.certificate is None:
            raise wrong("a certificate beside the key")
        plain = self.smarthost_tls == "none" and not (self.smarthost is not None and self.smarthost.loopback)
        if self.smarthost_username and plain:
            raise wrong("smarthost_tls: starttls or implicit, because a password would travel readably")
        if self.caps.in_flight < self.max_size:
            raise wrong("caps.in_flight of at least max_size")
        return self

    @property
    def own_name(self) -> str:
        """Our name in SMTP."""
        return self.hostname or self.addresses[0].rpartition("@")[2]

    def trusts(self, peer: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
        """Whether the peer is one of our own mail servers."""
        return peer is not None and any(peer in network for network in self.trusted_peers)
