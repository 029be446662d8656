"""The section `channels.mail.mailboxes`: mailboxes at a provider that are read, by name.

    mailboxes:
      support: { address: support@example.com, provider: google }
      shop: { address: shop@example.org, imap: imap.example.org:993, folders: [INBOX, Shop] }

Secrets are not among it. What is signed in with is the secret `mail_<name>`: the password (an app password where the
provider has such), the refresh token, the client secret, or the key of the service account, as `sign_in` says. The
client secret that goes with a refresh token is `mail_<name>_client`.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ....config.quantities import Address, Duration, HostPort, at_least, at_most
from ....config.secret_store import Secret
from ....config.section import Section, wrong
from ....config.vendor_settings import ApiUrl
from ....normalizer.addresses import normalise_address

Provider = Literal["google", "microsoft", "other"]
Tls = Literal["implicit", "starttls", "none"]
SignIn = Literal["password", "refresh_token", "client_credentials", "service_account"]

_TAKEN = frozenset({"smarthost"})  # `mail_smarthost` is the password of another server
_MOVE = "move:"
_IMAP: Mapping[Provider, HostPort] = {
    "google": HostPort("imap.gmail.com", 993),
    "microsoft": HostPort("outlook.office365.com", 993),
}
_SUBMISSION: Mapping[Provider, HostPort] = {
    "google": HostPort("smtp.gmail.com", 587),
    "microsoft": HostPort("smtp.office365.com", 587),
}
_TOKENS: Mapping[Provider, str] = {
    "google": "https://oauth2.googleapis.com/token",
    "microsoft": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
}
_DELEGATED = "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
_SCOPES: Mapping[tuple[Provider, SignIn], str] = {
    ("google", "refresh_token"): "https://mail.google.com/",
    ("google", "service_account"): "https://mail.google.com/",
    ("microsoft", "refresh_token"): _DELEGATED,
    ("microsoft", "client_credentials"): "https://outlook.office365.com/.default",
}
_TENANT = re.compile(r"[A-Za-z0-9.-]{1,253}")
_CLIENT = "_client"
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


def _tenant(value: str) -> str:
    if not _TENANT.fullmatch(value):
        raise wrong("a tenant by its id or domain, such as example.onmicrosoft.com")
    return value


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
    sign_in: SignIn = Field(
        default="password",
        description="How it is signed in to: with a password, an app password too; or with access tokens of OAuth 2, "
        "which are had by a refresh_token (trunkline mail connect), by client_credentials (Microsoft 365) or by the "
        "key of a service_account (Google Workspace).",
    )
    client_id: Line = Field(default="", description="The application that the provider knows us as, for tokens.")
    tenant: Annotated[str, AfterValidator(_tenant)] = Field(
        default="organizations", description="The tenant at Microsoft, by its id or domain."
    )
    token_url: ApiUrl | None = Field(
        default=None, description="Where access tokens are had; left out, at the provider."
    )
    scope: Line = Field(default="", description="What is asked for with them; left out, what the provider wants.")
    sends: bool = Field(
        default=True,
        description="Whether answers from this address leave by the provider's own server, signed in to in the same "
        "way; without it, and where that server is not known, by the smarthost.",
    )
    submission: Address | None = Field(
        default=None, description="The server that takes our mails (submission); left out, that of the provider."
    )
    submission_tls: Tls = Field(
        default="starttls",
        description="How the connection to it is encrypted: starttls (port 587), implicit (port 465), or none, which "
        "is for this machine itself only.",
    )
    folders: tuple[Folder, ...] = Field(
        default=("INBOX",), min_length=1, description="The folders that are read, the first of them without delay."
    )
    spam: bool = Field(
        default=False,
        description="Whether the provider's folder of spam is read too; what lies there has the spam verdict spam.",
    )
    sent: bool = Field(
        default=True,
        description="Whether the provider's folder of sent mails is read: what people write there by hand joins the "
        "tickets that it answers, as an answer of ours.",
    )
    file_sent: bool | None = Field(
        default=None,
        description="Whether our answers are put into that folder; left out, where the provider does not do that "
        "itself, as Google and Microsoft do with what leaves by their servers.",
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
        if self.submission_tls == "none" and not (self.submission is not None and self.submission.loopback):
            raise wrong("submission_tls: starttls or implicit, because the password would travel readably")
        self._demand_tokens()
        if len(set(self.folders)) != len(self.folders):
            raise wrong("every folder once")
        if self.moves_to in self.folders:
            raise wrong("another folder to move to than those that are read")
        return self

    def _demand_tokens(self) -> None:
        if self.sign_in == "password":
            return
        if not self.client_id and self.sign_in != "service_account":
            raise wrong("a client_id beside sign_in", "the id of the application that is registered at the provider")
        if (self.provider, self.sign_in) not in _SCOPES and not (self.token_url and self.scope):
            raise wrong(f"token_url and scope, because {self.provider} is not known to have {self.sign_in}")
        if self.sign_in == "client_credentials" and self.provider == "microsoft" and self.tenant == "organizations":
            raise wrong("the tenant, by its id or domain", "an application signs in to one tenant")

    @property
    def submission_server(self) -> HostPort | None:
        """The server that takes our mails; None where they leave by the smarthost."""
        return (self.submission or _SUBMISSION.get(self.provider)) if self.sends else None

    @property
    def files_sent(self) -> bool:
        """Whether we put our answers into its folder of sent mails."""
        return (self.provider == "other" or not self.sends) if self.file_sent is None else self.file_sent

    @property
    def tokens_at(self) -> str:
        """Where access tokens are had."""
        return self.token_url or _TOKENS[self.provider].format(tenant=self.tenant)

    @property
    def asked_scope(self) -> str:
        """What is asked for with them."""
        return self.scope or _SCOPES[self.provider, self.sign_in]

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


def key_of(name: str, sign_in: SignIn = "password") -> Secret:
    """What a mailbox is signed in to with."""
    return Secret(f"mail_{name}", make=None, origin=_ORIGINS[sign_in].format(name=name))


def client_secret_of(name: str) -> Secret:
    """The client secret that goes with a refresh token; public clients at Microsoft have none."""
    return Secret(f"mail_{name}{_CLIENT}", make=None, origin="the client secret of the application at the provider")


def secrets_of(name: str, settings: MailboxSettings) -> list[Secret]:
    """All that a mailbox needs."""
    client = settings.sign_in == "refresh_token" and settings.provider == "google"
    return [key_of(name, settings.sign_in), *([client_secret_of(name)] if client else [])]


_ORIGINS: Mapping[SignIn, str] = {
    "password": "the password of the mailbox {name}, or an app password",
    "refresh_token": "trunkline mail connect {name} gets one",
    "client_credentials": "the client secret of the application at the provider",
    "service_account": "the key of the service account, the JSON file as Google gives it",
}


def with_own_names(mailboxes: Mapping[str, MailboxSettings]) -> Mapping[str, MailboxSettings]:
    """Refuses names whose secrets would be those of something else."""
    if taken := [name for name in mailboxes if name in _TAKEN]:
        raise wrong(f"another name than {taken[0]}", "its secret would be that of the smarthost")
    if taken := [name for name in mailboxes if name.endswith(_CLIENT) and name.removesuffix(_CLIENT) in mailboxes]:
        raise wrong(f"another name than {taken[0]}", "its secret would be that of the other mailbox")
    return mailboxes
