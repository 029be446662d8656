"""From the stored bytes of a source to an envelope: pure, the same bytes give the same envelope.

A signed post is read through the source's mapping, carries the source's assurance, and joins by its conversation: the
signer vouches for its conversations. What came over the form page is A0 and joins nothing. Raises `Unreadable` when the
source is no longer configured, or when its mapping has changed so that the bytes do not fit it any more.
"""

from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json

from ...config.errors import Refused, Unreadable
from ...normalizer.envelope import (
    Assurance,
    Envelope,
    Identity,
    Language,
    RawMessage,
    Sender,
    envelope_id,
    raw_from_file,
)
from ...normalizer.language import detect
from ...normalizer.outgoing import Parsed
from ...normalizer.phone import normalise as normalise_phone
from ...normalizer.safe_names import safe_text
from .field_mapping import FieldMapping, Fields, read_content
from .form_body import form_values
from .settings import HttpSettings, SourceSettings
from .source import ASSURANCE, CHANNEL, FORM, SIGNED

LONGEST_SAID = 4000
"""Characters of what is said for one field."""


class HttpReader:
    """Reads what the sources sent."""

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings.root
        self._signed = {name: FieldMapping(source) for name, source in settings.root.items()}
        self._forms = {name: FieldMapping(source, flat=True) for name, source in settings.root.items()}

    def read(self, raw: RawMessage) -> Parsed:
        """The one envelope of a raw message."""
        settings = self._settings.get(raw.account)
        if settings is None:
            raise Unreadable(f"the source {raw.account} is not configured")
        signed = raw.transport.get("face") == SIGNED
        try:
            fields = self._fields(raw, signed)
        except Refused as error:
            raise Unreadable(f"the mapping of the source {raw.account} does not fit: {error.detail}") from error
        return Parsed(envelopes=(_envelope(raw, settings, fields, signed),))

    def _fields(self, raw: RawMessage, signed: bool) -> Fields:
        if signed:
            return self._signed[raw.account].read(read_content(raw.content))
        return self._forms[raw.account].read(form_values(raw.content))


def _envelope(raw: RawMessage, settings: SourceSettings, fields: Fields, signed: bool) -> Envelope:
    known = fields.known
    conversation = known.get("conversation", "") if signed else ""
    keys = (f"{CHANNEL}:{raw.account}:{conversation}",) if conversation else ()
    text = safe_text(known["message"])
    subject = _line(known.get("subject", ""))
    return Envelope(
        id=envelope_id(raw.id, 0),
        channel=raw.channel,
        account=raw.account,
        external_id=raw.external_id,
        order=f"{int(known.get('sequence', raw.sequence)):020d}",
        conversation=keys,
        announces=keys,
        sender=_sender(raw, settings, fields, signed),
        recipients=(raw.account,),
        subject=subject,
        text=text,
        language=_language(f"{subject}\n{text}".strip(), raw, known),
        received_at=raw.received_at,
        fields=_said(settings, fields),
        ext={
            "face": SIGNED if signed else FORM,
            "conversation": conversation,
            **({"order_scope": f"sequence:{conversation}"} if "sequence" in known else {}),
        },
        raw_id=raw.id,
    )


def _sender(raw: RawMessage, settings: SourceSettings, fields: Fields, signed: bool) -> Sender:
    assurance = ASSURANCE[settings.assurance] if signed else Assurance.CLAIMED
    evidence = f"vouched for by the signed source {raw.account}" if assurance else ""
    found = {
        "email": fields.email_key,
        "phone": _phone(settings, fields.known),
        f"{CHANNEL}:{raw.account}": fields.known.get("customer", ""),
    }
    identities = tuple(
        Identity(kind=kind, value=value, assurance=assurance, evidence=evidence)
        for kind, value in found.items()
        if value
    )
    name = _line(fields.known.get("name", ""))
    return Sender(identities=identities or (_nobody(raw, fields, assurance, evidence),), name=name)


def _nobody(raw: RawMessage, fields: Fields, assurance: Assurance, evidence: str) -> Identity:
    """Without an address the conversation is the person; without a conversation the message stands alone."""
    value = fields.known.get("conversation") or raw.external_id
    return Identity(
        kind=f"{CHANNEL}:{raw.account}", value=f"conversation:{value}", assurance=assurance, evidence=evidence
    )


def _phone(settings: SourceSettings, known: Mapping[str, str]) -> str:
    return (normalise_phone(known["phone"], settings.country) or "") if "phone" in known else ""


def _said(settings: SourceSettings, fields: Fields) -> dict[str, Any]:
    """Fields of the ticket and the customer, each within bounds; and a phone number that is none: no identity, but an
    agent may still make sense of it.
    """
    found = {name: _bounded(value) for name, value in fields.own.items()}
    if "phone" in fields.known and not _phone(settings, fields.known):
        found["phone"] = _line(fields.known["phone"])
    return found


def _bounded(value: Any) -> Any:
    """The value, or the beginning of what it is as text."""
    if isinstance(value, str):
        return safe_text(value)[:LONGEST_SAID]
    text = to_json(value).decode()
    return value if len(text) <= LONGEST_SAID else text[:LONGEST_SAID]


def _language(text: str, raw: RawMessage, known: Mapping[str, str]) -> Language:
    hints = [known.get("language", ""), str(raw.transport.get("language", ""))]
    return detect(text, [hint for hint in hints if hint])


def _line(text: str) -> str:
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def read_file(content: bytes, settings: HttpSettings, *, source: str = "") -> Parsed:
    """A body from a file as the channel would read a signed post; for the command line. Raises Unreadable.

    Without a source, the first one whose mapping fits.
    """
    reader = HttpReader(settings)
    refused = Unreadable("no source is configured")
    for name in [source] if source else list(settings.root):
        try:
            return reader.read(raw_from_file(content, CHANNEL, account=name, transport={"face": SIGNED}))
        except Unreadable as error:
            refused = error
    raise refused
