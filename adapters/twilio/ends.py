"""The two ends of a conversation through Twilio: the customer and ours, as identities and as an address.

An SMS is sent by whoever says so, so its number is only claimed (A0); of RCS Twilio does not say how the number is
proven, so neither is it. WhatsApp has proven the number to itself (A1). A number is the same person by SMS, RCS and
phone, and another identity on WhatsApp until somebody has joined them. A sender without a number (a short code, a name)
is known by what it calls itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ...normalizer.envelope import Assurance, Identity
from ...normalizer.phone import normalise, normalise_whatsapp
from .settings import ADDRESS, CHANNEL

SEPARATOR = " "
_WHATSAPP = "whatsapp"


@dataclass(frozen=True)
class Ends:
    """As Twilio writes them: `whatsapp:+14155238886`, `whatsapp:+4917012345678`."""

    ours: str
    theirs: str

    @property
    def conversation(self) -> str:
        """Both as one text, which an answer is sent by."""
        return f"{self.ours}{SEPARATOR}{self.theirs}"

    def thread(self, account: str) -> str:
        """The key of the conversation."""
        return f"{CHANNEL}:{account}:{self.conversation}"

    @property
    def is_whatsapp(self) -> bool:
        """Whether it is on WhatsApp, which shuts the window for free answers after a day."""
        return self.theirs.startswith(f"{_WHATSAPP}:")


def identities_of(address: str, fields: Mapping[str, str]) -> tuple[Identity, ...]:
    """Who wrote a message: the address, and WhatsApp's id of them for the business where it is told beside a number."""
    first, known = identity_of(address), _user(fields)
    if not known or first.kind != _WHATSAPP or first.value == known:
        return (first,)
    return (first, first.model_copy(update={"value": known}))


def threads_of(account: str, ends: Ends, fields: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of the conversation, also by that id: who hides their number later goes on in it."""
    known = _user(fields) if ends.is_whatsapp else ""
    found = (ends, Ends(ends.ours, f"{_WHATSAPP}:{known}")) if known else (ends,)
    return tuple(dict.fromkeys(each.thread(account) for each in found))


def _user(fields: Mapping[str, str]) -> str:
    return fields.get("ExternalUserId", "")[:200]


def ends_of(conversation: str) -> Ends | None:
    """Both ends again; None for what is no conversation."""
    ours, separator, theirs = conversation.partition(SEPARATOR)
    return Ends(ours, theirs) if separator and ours and theirs else None


def identity_of(address: str) -> Identity:
    """Who writes from an address. Raises ValueError for one that is of no kind that is known here."""
    match = ADDRESS.match(address)
    if match is None:
        raise ValueError(f"an address {address[:50]!r}")
    who = match["who"].strip()
    if match["way"] == _WHATSAPP:
        value = normalise_whatsapp(who) or who
        evidence = "the WhatsApp account, told by Twilio"
        return Identity(kind=_WHATSAPP, value=value, assurance=Assurance.CHANNEL, evidence=evidence)
    number = normalise(who) if who.startswith("+") else None
    evidence = "the number it says it was sent from; anybody can write that"
    return Identity(kind="phone" if number else "sms", value=number or who, evidence=evidence)
