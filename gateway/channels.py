"""The channels that this gateway knows: the models of their settings, and how each is put together.

A new channel is added here in two places: its model, so that the configuration can have its section, and a function
that builds its adapter. Adapters are imported when they are built, so a role or a command that does not use a channel
does not pay for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from ..adapters.chat.settings import ChatSettings
from ..adapters.contract import Adapter
from ..adapters.http_source.settings import HttpSettings
from ..adapters.mail.settings import REPLY_TOKEN_SECRET, SMARTHOST_SECRET, MailSettings
from ..config.secret_store import CHAT_TOKEN, Secrets, chat_site, http_source
from ..config.settings import Settings
from ..queue.blobs import Blobs
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.conversation_log import ConversationLogs
from ..queue.intake import Intake
from ..queue.log_tail import LogTail
from ..queue.signals import Signals
from ..router.actions import Actions
from ..router.agents import Agents
from ..router.policy import CurrentPolicy
from ..web.peers import Peers

MODELS: Mapping[str, type[BaseModel]] = {"mail": MailSettings, "http": HttpSettings, "chat": ChatSettings}


@dataclass(frozen=True, kw_only=True)
class ChannelParts:
    """What adapters are handed; `find` gives another channel, and `actions` what the desk does, when it is needed."""

    settings: Settings
    secrets: Secrets
    engine: Engine
    intake: Intake
    blobs: Blobs
    clock: Clock
    logs: ConversationLogs
    log_tail: LogTail
    signals: Signals
    peers: Peers
    agents: Agents
    policy: CurrentPolicy
    find: Callable[[str], Adapter]
    actions: Callable[[], Actions]


def _mail(section: Any, parts: ChannelParts) -> Adapter:
    from ..adapters.mail.channel import MailChannel

    settings: MailSettings = section
    return MailChannel(
        settings,
        intake=parts.intake,
        token_key=parts.secrets.get(REPLY_TOKEN_SECRET).encode(),
        read_blob=parts.blobs.get,
        listen=parts.settings.listen.smtp,
        smarthost_password=parts.secrets.given(SMARTHOST_SECRET) if settings.smarthost_username else "",
    )


def _http(section: Any, parts: ChannelParts) -> Adapter:
    from ..adapters.http_source.channel import HttpChannel

    settings: HttpSettings = section
    return HttpChannel(
        settings,
        intake=parts.intake,
        secret_of=lambda source: parts.secrets.get(http_source(source)),
        now=parts.clock.now,
        peers=parts.peers,
    )


def _chat(section: Any, parts: ChannelParts) -> Adapter:
    from ..adapters.chat.channel import ChatChannel
    from .chat_availability import ChatAvailability
    from .chat_mail import forward_unread, mail_out

    settings: ChatSettings = section
    by_mail = "mail" in parts.settings.channels
    return ChatChannel(
        settings,
        engine=parts.engine,
        clock=parts.clock,
        intake=parts.intake,
        blobs=parts.blobs,
        logs=parts.logs,
        tail=parts.log_tail,
        signals=parts.signals,
        token_key=parts.secrets.get(CHAT_TOKEN).encode(),
        secret_of=lambda site: parts.secrets.get(chat_site(site)),
        availability=ChatAvailability(settings, parts.agents, parts.clock, parts.policy),
        mail_out=mail_out(parts.settings, parts.find) if by_mail else None,
        forward=forward_unread(parts.actions) if by_mail else None,
        attachments=parts.settings.attachments,
        peers=parts.peers,
        form=_form_page(parts.settings),
    )


def _form_page(settings: Settings) -> str:
    """The path of the first form for people; empty when there is none."""
    http = settings.channels.get("http")
    sources = http.root.items() if isinstance(http, HttpSettings) else ()
    return next((f"/forms/{name}" for name, source in sources if source.form and source.form.enabled), "")


_BUILDERS: Mapping[str, Callable[[Any, ChannelParts], Adapter]] = {"mail": _mail, "http": _http, "chat": _chat}


def build_channels(parts: ChannelParts) -> dict[str, Adapter]:
    """The adapters of all configured channels, by name. Raises Misconfigured, for instance for a missing secret."""
    return {name: _BUILDERS[name](section, parts) for name, section in parts.settings.channels.items()}


def secret_names(settings: Settings) -> list[str]:
    """The secrets that the configured channels need and that may be made up."""
    names = [REPLY_TOKEN_SECRET] if "mail" in settings.channels else []
    http, chat = settings.channels.get("http"), settings.channels.get("chat")
    if isinstance(http, HttpSettings):
        names += [http_source(source) for source in http.root]
    if isinstance(chat, ChatSettings):
        names += [CHAT_TOKEN, *(chat_site(name) for name, site in chat.root.items() if site.identity != "off")]
    return names
