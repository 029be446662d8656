"""One site as the adapter uses it: its settings with everything prepared that visitors need."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ...config.errors import NotFound
from .origins import Origins
from .settings import ChatSettings, SiteSettings

CHANNEL = "chat"

SOCKET, POLL = "socket", "poll"
"""The two faces of a site, as the transport facts of a raw message name them."""

Milliseconds = Callable[[], int]

Availability = Callable[[str], Awaitable[tuple[bool, int | None]]]
"""From the name of a site to whether somebody is there, and when somebody will be (milliseconds), if known."""


@dataclass(frozen=True)
class Site:
    """One site; `secret` signs who its users are, empty where they are not signed in."""

    name: str
    settings: SiteSettings
    origins: Origins
    secret: bytes


class Sites:
    """All sites, by name."""

    def __init__(self, settings: ChatSettings, secret_of: Callable[[str], str]) -> None:
        """Raises Misconfigured when a secret is missing."""
        self._sites = {
            name: Site(
                name=name,
                settings=site,
                origins=Origins(site.origins, f"channels.chat.{name}.origins"),
                secret=b"" if site.identity == "off" else secret_of(name).encode(),
            )
            for name, site in settings.root.items()
        }

    def __contains__(self, name: str) -> bool:
        return name in self._sites

    def find(self, name: str) -> Site:
        """The site of this name. Raises NotFound."""
        if name not in self._sites:
            raise NotFound("there is no such chat")
        return self._sites[name]
