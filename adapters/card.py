"""The card of a channel: all that is known of it before it is built, and how it is built.

Every folder has a `card.py` with the one name `CARD`, and gateway/channels.py lists the folders. A card is loaded
wherever a configuration is read, so what it imports is light: the settings and this. The adapter, and with it the
vendor's package, is imported inside `build` and `read_file` only, which are called where the channel is configured.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from pydantic import BaseModel

from ..config.desk_settings import AttachmentSettings
from ..config.engine_settings import ListenSettings
from ..config.field_settings import CurrentFields, OwnFields
from ..config.problems import Position
from ..config.secret_store import Secret, Secrets
from ..config.vendor_templates import TemplateText
from ..normalizer.channel_facts import ChannelFacts
from ..normalizer.outgoing import Parsed
from ..normalizer.sending_limits import Destination, Sends
from .capability import Capability

if TYPE_CHECKING:
    from ..queue.blobs import Blobs
    from ..queue.clock import Clock
    from ..queue.connection import Engine
    from ..queue.conversation_log import ConversationLogs
    from ..queue.intake import Intake
    from ..queue.log_tail import LogTail
    from ..queue.signals import Signals
    from ..web.peers import Peers
    from .contract import Adapter
    from .findings import Finding
    from .outgoing_mail import Forward, MailOut

Role = Literal["web", "smtp", "worker"]
"""Where an adapter is started: beside its routes, with a listener of its own, or where it fetches messages itself."""

Staffed = Callable[[str | None], Awaitable[tuple[bool, int | None]]]
"""From the name of a calendar, or None, to whether somebody is there, and when somebody will be (milliseconds)."""


@dataclass(frozen=True, kw_only=True)
class ChannelParts:
    """What adapters are handed. Without a channel that writes to e-mail addresses, `mail_out` and `forward` are None.

    `plain_page` is the path of a page where people can write without scripts; empty when there is none. A channel that
    listens by itself asks `fit` for the connections that it may have, with its setting's value and path.
    """

    engine: "Engine"
    clock: "Clock"
    intake: "Intake"
    blobs: "Blobs"
    logs: "ConversationLogs"
    log_tail: "LogTail"
    signals: "Signals"
    peers: "Peers"
    fit: Callable[[int, str], int]
    secrets: Secrets
    listen: ListenSettings
    attachments: AttachmentSettings
    staffed: Staffed
    mail_out: "MailOut | None"
    forward: "Forward | None"
    plain_page: str
    own_fields: CurrentFields = OwnFields


@dataclass(frozen=True)
class Page:
    """A page of ours where people write to us, and what it is; `scripts` says that it does nothing without them."""

    path: str
    words: str
    scripts: bool = False


class Doubt(NamedTuple):
    """A setting that is hardly meant: its path in the section, what it comes to, and what to do."""

    path: tuple[str | int, ...]
    words: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class DomainFact:
    """What the DNS of a domain says about one thing that a channel needs; `write` is a line for its zone file.

    *wrong*: messages are lost, refused or distrusted; *doubt*: it depends on something that cannot be seen from here;
    *unknown*: the DNS gave no answer.
    """

    subject: str
    level: Literal["good", "doubt", "wrong", "unknown"]
    words: str
    write: str = ""


@dataclass(frozen=True, kw_only=True)
class DomainKey:
    """A key that signs for a domain: where the secret is, whether it was made just now, its line for the zone file, and
    the setting that puts it in force, empty when it is.
    """

    place: Position
    made: bool
    record: str
    setting: str


class Domains(Protocol):
    """What a channel that goes by domains does for their operator. Domains are in lower case."""

    def key(self, section: Any, secrets: Secrets, domain: str, selector: str, kind: str) -> DomainKey:
        """The key of this name; made when there is none. Raises Misconfigured."""

    async def facts(self, section: Any, secrets: Secrets, domain: str, senders: Sequence[str]) -> Sequence[DomainFact]:
        """All that matters; `senders` are the IP addresses by which our messages reach the world, where known."""


class Mailboxes(Protocol):
    """What a channel that reads mailboxes at a provider does for their operator."""

    async def connect(
        self, section: Any, secrets: Secrets, name: str, tell: Callable[[str], None], ask: Callable[[str], str]
    ) -> None:
        """Have a person let us into the mailbox of this name. Raises Misconfigured, DeliveryDeferred."""

    async def facts(self, section: Any, secrets: Secrets, only: str = "") -> Sequence[DomainFact]:
        """Of every mailbox, or only of this one, whether we are let in to read and to send."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """A channel. Functions that take a section take the channel's settings, a `settings` of the configuration."""

    name: str
    settings: type[BaseModel]
    capability: Capability
    facts: ChannelFacts
    build: Callable[[Any, ChannelParts], "Adapter"]
    """Raises Misconfigured, for instance for a missing secret."""
    sends: Callable[[Any, Destination], Sends] | None = None
    """What it takes with these settings, where that is less than what `facts` say that it can take."""
    role: Role = "web"
    """Where the adapter is started. One that listens itself does so on the address of this name in `listen`."""
    secrets: Callable[[Any], Sequence[Secret]] = lambda _: ()
    """All that these settings need; by convention `<channel>_<account>`, because errors about the file say so."""
    check_secrets: Callable[[Any, Secrets], None] = lambda _, __: None
    """Whether the secrets that are there can be used. Raises Misconfigured."""
    ask: "Callable[[Any, Secrets], Awaitable[Sequence[Finding]]] | None" = None
    """Asks the vendor whether token, webhook address and permissions are right; None where there is no vendor, or it is
    not asked yet. Raises Misconfigured for a secret that is missing."""
    domains: "Callable[[], Domains] | None" = None
    mailboxes: "Callable[[], Mailboxes] | None" = None
    changeable: frozenset[str] = frozenset()
    """The settings that it takes while it runs (`Adapter.reconfigure`); a change of any other needs a restart."""
    accounts: Callable[[Any], Sequence[str]] = lambda section: tuple(section.root)
    """Our addresses, sites, sources on the channel; a section is usually a mapping of them. The first one speaks for us
    where no other is meant."""
    also_to: Callable[[Any], Sequence[str]] = lambda _: ()
    """Addresses elsewhere that a message can be for besides, because what is sent there is forwarded to us."""
    answered_by_mail: Callable[[Any], Sequence[str]] = lambda _: ()
    """Those of them whose replies go by mail."""
    writes_to: str = ""
    """The kind of identities it can write to first, such as email; empty: it answers whoever wrote."""
    read_file: Callable[[bytes, Any, str], Parsed] | None = None
    """Reads a message as it was recorded, for an account that may be empty. Pure; raises Unreadable."""
    assumed: Mapping[str, Any] | None = field(default_factory=dict)
    """Settings by which a file is read where the channel is not configured; None: it cannot be read then."""
    mapped: Callable[[Any], Sequence[tuple[tuple[str, ...], str]]] = lambda _: ()
    """Fields of tickets and customers that its messages fill, each with the path in the section that says so."""
    doubts: Callable[[Any], Iterable[Doubt]] = lambda _: ()
    """What its settings can hardly mean."""
    templates: Callable[[Any], Mapping[str, Mapping[str, TemplateText]]] = lambda _: {}
    """By account, the templates of the vendor that may be sent when the window for free answers is shut."""
    pages: Callable[[Any], Sequence[Page]] = lambda _: ()
    greeting: Callable[[Any], str] = lambda _: ""
    """What a person at a terminal should know of it, in a line: where to write, and where replies go."""
    paths: Callable[[], Mapping[str, Mapping[str, Any]]] = dict
    """Path items for the OpenAPI document."""
