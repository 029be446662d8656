"""The channels that this gateway knows: the models of their settings, and how each is put together.

A new channel is added here in two places: its model, so that the configuration can have its section, and a function
that builds its adapter. Adapters are imported when they are built, so a role or a command that does not use a channel
does not pay for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from ..adapters.contract import Adapter
from ..adapters.http_source.settings import HttpSettings
from ..adapters.mail.settings import REPLY_TOKEN_SECRET, SMARTHOST_SECRET, MailSettings
from ..config.secret_store import Secrets, http_source
from ..config.settings import Settings
from ..queue.blobs import Blobs
from ..queue.clock import Clock
from .counted_intake import CountedIntake

MODELS: Mapping[str, type[BaseModel]] = {"mail": MailSettings, "http": HttpSettings}


@dataclass(frozen=True, kw_only=True)
class ChannelParts:
    """What adapters are handed."""

    settings: Settings
    secrets: Secrets
    intake: CountedIntake
    blobs: Blobs
    clock: Clock


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
    )


_BUILDERS: Mapping[str, Callable[[Any, ChannelParts], Adapter]] = {"mail": _mail, "http": _http}


def build_channels(parts: ChannelParts) -> dict[str, Adapter]:
    """The adapters of all configured channels, by name. Raises Misconfigured, for instance for a missing secret."""
    return {name: _BUILDERS[name](section, parts) for name, section in parts.settings.channels.items()}


def secret_names(settings: Settings) -> list[str]:
    """The secrets that the configured channels need and that may be made up."""
    names = [REPLY_TOKEN_SECRET] if "mail" in settings.channels else []
    http = settings.channels.get("http")
    return [*names, *(http_source(source) for source in http.root)] if isinstance(http, HttpSettings) else names
