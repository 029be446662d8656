"""The section `channels.chat` of the configuration: sites by name, each a place where the chat widget stands.

    chat:
      web:
        origins: [https://shop.example, "https://*.shop.example"]
        title: {en: Write to us}
        identity: optional

Secrets are not among it: visitor tokens are signed with the secret `chat_token`, and the site's own server signs who
its users are with the secret `chat_<site>`.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, RootModel

from ...config.fields import LanguageCode, Name, Text, matching
from ...config.quantities import Duration, Size, parse_size
from ...config.secret_store import Secret
from ...config.section import Section, wrong

VISITOR_TOKEN = Secret("chat_token", loss="visitors do not get back into their conversations")

_HOST = r"(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)"
_ORIGIN = re.compile(rf"https?://(?:\*\.)?{_HOST}(?::[0-9]{{1,5}})?\Z")


def _origin(value: str) -> str:
    origin = value.strip().lower()
    if not _ORIGIN.match(origin):
        raise wrong(
            "an origin such as https://shop.example or https://*.shop.example", "leave out the path and the final slash"
        )
    return origin


Origin = Annotated[str, AfterValidator(_origin)]
Color = Annotated[str, AfterValidator(matching("#[0-9a-fA-F]{6}", "a colour such as #1f6feb"))]
ByLanguage = Mapping[LanguageCode, Text]


class ChatCaps(Section):
    """How much one visitor, one network address, and all of them together may ask for."""

    messages_per_minute: float = Field(
        default=30, gt=0, le=6000, description="Messages of one visitor a minute in the long run."
    )
    burst: int = Field(default=20, ge=1, le=10_000, description="Messages of one visitor at once.")
    sockets_per_visitor: int = Field(default=10, ge=1, le=1000, description="Open connections of one visitor.")
    sockets_per_address: int = Field(
        default=50, ge=1, le=1_000_000, description="Open connections from one network address; an office may be one."
    )
    visitors_per_minute: float = Field(
        default=30, gt=0, le=1_000_000, description="New visitors from one network address a minute."
    )
    text: int = Field(default=8000, ge=1, le=8000, description="Characters of one message.")
    file: Size = Field(default=parse_size("10MiB"), ge=1, le=64 * 1024 * 1024, description="The largest file.")
    files: int = Field(default=5, ge=0, le=20, description="Files of one message; 0 takes none.")
    uploading: Size = Field(
        default=parse_size("64MiB"), ge=1, description="Bytes of files that are being uploaded at one moment, in total."
    )


class SiteSettings(Section):
    """One site with the widget."""

    origins: tuple[Origin, ...] = Field(
        default=(), description="The origins whose pages may show the widget; our own page at /chat/<site> always may."
    )
    title: ByLanguage = Field(default_factory=dict, description="The heading of the widget, by language.")
    color: Color = Field(default="#1f5fbf", description="The colour of the widget, as #rrggbb.")
    language: LanguageCode = Field(default="en", description="The language for browsers whose own is not there.")
    calendar: Name | None = Field(
        default=None, description="The business hours in which somebody is there; left out, whenever an agent is."
    )
    identity: Literal["optional", "required", "off"] = Field(
        default="optional", description="Whether the page may, must or cannot say who is signed in to it."
    )
    mail_after: Duration = Field(
        default=timedelta(minutes=2),
        description="How long an answer may stay unread by a visitor who has left, before it follows them by mail.",
    )
    caps: ChatCaps = Field(default=ChatCaps(), description="How much visitors may ask for.")


def _named(sites: Mapping[str, SiteSettings]) -> Mapping[str, SiteSettings]:
    if "token" in sites:
        raise wrong("another name than token", "the secret of that site would be the one of the visitor tokens")
    return sites


class ChatSettings(RootModel[Mapping[Name, SiteSettings]]):
    """Web chat: sites by name."""

    model_config = ConfigDict(frozen=True)

    root: Annotated[Mapping[Name, SiteSettings], AfterValidator(_named)] = Field(description="The sites, by name.")


def site_secret(site: str) -> Secret:
    """The secret with which the server of a page signs who its users are."""
    return Secret(f"chat_{site}", loss="the page that says who its visitors are has to be given the new one")
