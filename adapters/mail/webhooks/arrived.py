"""A mail as a provider posts it: its bytes, and what the provider says besides. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ....normalizer.addresses import normalise_address
from ....web.peers import address_of


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """One mail; whatever is not known is None or empty."""

    content: bytes
    recipients: tuple[str, ...]
    reverse_path: str | None = None
    """Empty for none, as bounces have."""
    peer: str = ""
    """From which IP address it came to the provider."""
    helo: str = ""
    spam: Literal["spam", "unsure", "ham", ""] = ""
    score: float | None = None
    authserv_id: str | None = None
    """Under which name the provider writes on top of the mail what it found out of its author."""

    def facts(self, provider: str, *, trust: bool) -> Mapping[str, Any]:
        """The transport facts of the raw message; without trust only what the provider has to tell."""
        told: dict[str, Any] = {"provider": provider, "rcpt_to": list(self.recipients), "trusted": False, "peer": ""}
        if self.reverse_path is not None:
            told["mail_from"] = normalise_address(self.reverse_path) or ""
        if not trust:
            return told
        if address_of(self.peer) is not None:
            told |= {"peer": self.peer, "helo": self.helo}
        if self.spam:
            told["spam"] = {"verdict": self.spam, "score": self.score, "by": provider}
        if self.authserv_id is not None:
            told |= {"trusted": True, "authserv_id": self.authserv_id}
        return told


def number(given: Any) -> float | None:
    """A score as providers write it."""
    try:
        found = float(given)
    except (TypeError, ValueError):
        return None
    return found if -1e6 < found < 1e6 else None
