"""One source as the adapter uses it: its settings with everything prepared that requests need."""

from collections.abc import Callable
from dataclasses import dataclass

from ...config.field_settings import CurrentFields
from ...normalizer.envelope import Assurance
from ...web.webhook_signing import keys_of
from .field_mapping import FieldMapping
from .settings import HttpSettings, SourceSettings

CHANNEL = "http"

SIGNED, FORM = "signed", "form"
"""The two faces of a source, as the transport facts of a raw message name them."""

ASSURANCE = {"A0": Assurance.CLAIMED, "A1": Assurance.CHANNEL, "A2": Assurance.ORIGIN}

Milliseconds = Callable[[], int]
SecretOf = Callable[[str], str]
"""From the name of a source to its signing secret: one, or two with a blank between them while they are changed."""


@dataclass(frozen=True)
class Source:
    """One source."""

    name: str
    settings: SourceSettings
    keys: tuple[bytes, ...]
    signed: FieldMapping
    form: FieldMapping

    def lane(self, lane_key: str, external_id: str) -> str:
        """What is filed one after the other; what belongs to nobody stands alone."""
        return f"{CHANNEL}:{self.name}:{lane_key or external_id}"


def sources_of(settings: HttpSettings, secret_of: SecretOf, declared: CurrentFields) -> dict[str, Source]:
    """All sources, by name. Raises Misconfigured when a secret is none."""
    return {
        name: Source(
            name,
            source,
            keys_of(secret_of(name)),
            FieldMapping(source, declared=declared),
            FieldMapping(source, flat=True, declared=declared),
        )
        for name, source in settings.root.items()
    }
