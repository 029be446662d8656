"""The section `channels.mail.mailboxes`: mailboxes at a provider that are read, by name.

    mailboxes:
      support: { address: support@example.com, provider: google }
      shop: { address: shop@example.org, imap: imap.example.org:993, folders: [INBOX, Shop] }

Secrets are not among it: the password, an app password where the provider has such, is the secret `mail_<name>`.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ....config.quantities import Address, Duration, HostPort, at_least, at_most
from ....config.secret_store import Secret
from ....config.section import Section, wrong
from ....normalizer.addresses import normalise_address

Provider = Literal["google", "microsoft", "other"]
Tls = Literal["implicit", "starttls", "none"]

_TAKEN = frozenset({"smarthost"})  # `mail_smarthost` is the password of another server
_MOVE = "move:"
_IMAP: Mapping[Provider, HostPort] = {
    "google": HostPort("imap.gmail.com", 993),
    "microsoft": HostPort("outlook.office365.com", 993),
}
# Under which name each writes what it found out about a mail; Microsoft's fields begin with a result.
_AUTHSERV: Mapping[Provider, str] = {"google": "mx.google.com", "microsoft": ""}


def _address(value: str) -> str:
    key = normalise_address(value)
    if key is None:
        raise wrong("a mail address such as support@example.com")
    return key


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise wrong("one line of text")
    return value.strip()


def _folder(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise wrong("the name of a folder, such as INBOX")
    return value


def _after(value: str) -> str:
    target = value.removeprefix(_MOVE).strip() if value.startswith(_MOVE) else ""
    if value not in ("nothing", "seen") and not (target and target.isprintable()):
        raise wrong("nothing, seen, or move:<folder> such as move:Done")
    return f"{_MOVE}{target}" if target else value


Line = Annotated[str, AfterValidator(_one_line)]
Folder = Annotated[str, AfterValidator(_folder)]


class MailboxSettings(Section):
    """A mailbox of ours at a provider."""

    address: Annotated[str, AfterValidator(_address)] = Field(
        description="The address of ours, one of `addresses`, whose mail lies there."
    )
    provider: Provider = Field(
        default="other", description="google or microsoft know their servers; of others, name them in `imap`."
    )
    imap: Address | None = Field(default=None, description="The IMAP server; left out, that of the provider.")
    imap_tls: Tls = Field(
        default="implicit",
        description="How the connection is encrypted: implicit (port 993), starttls (port 143), or none, which is for "
        "this machine itself only.",
    )
    authority: Path | None = Field(
        default=None,
        description="PEM file with the authorities that its servers' certificates are checked by; left out, those of "
        "the machine.",
    )
    username: Line = Field(default="", description="The name to sign in by; left out, the address.")
    folders: tuple[Folder, ...] = Field(
        default=("INBOX",), min_length=1, description="The folders that are read, the first of them without delay."
    )
    spam: bool = Field(
        default=False,
        description="Whether the provider's folder of spam is read too; what lies there has the spam verdict spam.",
    )
    after: Annotated[str, AfterValidator(_after)] = Field(
        default="seen",
        description="What is done with a mail once it is stored here: nothing; seen, it is marked as read; "
        "move:<folder>, it is moved there.",
    )
    history: Annotated[Duration, at_most("366d")] = Field(
        default=timedelta(0),
        description="How far back mails are taken that lie there when the mailbox is connected first; 0s takes those "
        "from then on.",
    )
    poll: Annotated[Duration, at_least("1s"), at_most("28min")] = Field(
        default=timedelta(minutes=1),
        description="How often folders are looked at; the first one also as soon as the server tells of a mail.",
    )
    authserv_id: Line | None = Field(
        default=None,
        description="The name that its server puts first in Authentication-Results, such as mx.example.com: it is "
        "believed in the topmost such field. Left out, that of the provider; of others, mails prove themselves.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.imap is None and self.provider == "other":
            raise wrong("an IMAP server, imap: imap.example.com:993, or a provider that is known")
        if self.imap_tls == "none" and not self.imap_server.loopback:
            raise wrong("imap_tls: implicit or starttls, because password and mails would travel readably")
        if len(set(self.folders)) != len(self.folders):
            raise wrong("every folder once")
        if self.moves_to in self.folders:
            raise wrong("another folder to move to than those that are read")
        return self

    @property
    def imap_server(self) -> HostPort:
        """Where mails are read."""
        return self.imap or _IMAP[self.provider]

    @property
    def login(self) -> str:
        """The name to sign in by."""
        return self.username or self.address

    @property
    def moves_to(self) -> str:
        """The folder that mails are moved to; empty where they stay."""
        return self.after.removeprefix(_MOVE) if self.after.startswith(_MOVE) else ""

    @property
    def believed(self) -> str | None:
        """The server whose word on a mail counts, empty for fields that name none; None where nobody's does."""
        given = self.authserv_id.lower() if self.authserv_id is not None else None
        return given or _AUTHSERV.get(self.provider)


def password_of(name: str) -> Secret:
    """What a mailbox is signed in to with."""
    return Secret(f"mail_{name}", make=None, origin=f"the password of the mailbox {name}, or an app password")


def with_own_names(mailboxes: Mapping[str, MailboxSettings]) -> Mapping[str, MailboxSettings]:
    """Refuses names whose secrets would be those of something else."""
    if taken := [name for name in mailboxes if name in _TAKEN]:
        raise wrong(f"another name than {taken[0]}", "its secret would be that of the smarthost")
    return mailboxes
