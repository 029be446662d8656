"""Opening a ticket by hand or by another system: for a call, a visit, a letter.

It takes the way of every message (customer, rules, one script); whoever holds the token vouches for the customer.
"""

from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from ..config.errors import Invalid
from ..normalizer.addresses import normalise_address
from ..normalizer.channel_facts import ChannelFacts
from ..normalizer.envelope import Assurance, Envelope, Identity, Language, Sender, envelope_id
from ..queue.clock import Clock
from ..queue.identifiers import new_id
from .filer import Filer, Origin

CHANNEL = "api"
FACTS = ChannelFacts(words="API", mark='<path d="M5.5 4 2 8l3.5 4M10.5 4 14 8l-3.5 4M9 3.25 7 12.75"/>')


@dataclass(frozen=True, kw_only=True)
class NewTicket:
    """What is known of a case that is opened by hand."""

    text: str
    subject: str = ""
    email: str = ""
    name: str = ""
    language: str = "unknown"


class Opening:
    """Opens tickets without a message from a channel."""

    def __init__(self, clock: Clock, filer: Filer) -> None:
        self._clock = clock
        self._filer = filer

    async def open(self, new: NewTicket, *, actor: str, key: str | None = None) -> str:
        """Open a ticket; returns its id. The same `key` is the same ticket. Raises Invalid for what is no address."""
        filed = await self._filer.file(self._envelope(new, actor, key), Origin(released=True))
        return filed.ticket

    def _envelope(self, new: NewTicket, actor: str, key: str | None) -> Envelope:
        now = self._clock.now()
        raw_id = new_id(now) if key is None else str(uuid5(NAMESPACE_OID, key))
        return Envelope(
            id=envelope_id(raw_id, 0),
            channel=CHANNEL,
            external_id=raw_id,
            order=f"{now:016d}",
            sender=Sender(identities=(_identity(new, raw_id, actor),), name=new.name),
            subject=new.subject,
            text=new.text,
            language=Language(code=new.language, confidence=1.0, source="hint")
            if new.language != "unknown"
            else Language(),
            received_at=now,
            raw_id=raw_id,
            ext={"order_scope": raw_id},
        )


def _identity(new: NewTicket, raw_id: str, actor: str) -> Identity:
    if not new.email:
        return Identity(kind="ticket", value=raw_id, assurance=Assurance.CLAIMED, evidence="nobody was named")
    address = normalise_address(new.email)
    if address is None:
        raise Invalid(f"{new.email!r} is not an e-mail address", field="email")
    return Identity(kind="email", value=address, assurance=Assurance.VOUCHED, evidence=f"vouched for by {actor}")
