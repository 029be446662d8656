"""From stored bytes to envelopes: pure, the same bytes give the same envelopes.

A visitor is known by the channel (A1); with an identity that the page signed, or an address that they proved with a
code, control is proven (A3), and the address stands beside the visitor with the same assurance. Who signed in during
the conversation stands beside them, too. An address that was
merely typed is a claim (A0). A receipt becomes one envelope for each article that it names.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...config.errors import Unreadable
from ...normalizer.addresses import normalise_address
from ...normalizer.envelope import (
    Assurance,
    Attachment,
    Delivery,
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
from ...normalizer.safe_names import safe_line, safe_name, safe_text
from ...queue.conversation_log import conversation_name
from ..vendor_post import what_is_wrong
from .settings import ChatSettings
from .sites import CHANNEL

SIGNED_BY_PAGE = "signed by the page"
PROVEN_BY_CODE = "proved by a code sent by mail"
BY_TOKEN = "a visitor token of ours"  # noqa: S105  (evidence, in words)


def read_raw(raw: RawMessage) -> Parsed:
    """The envelopes of a raw message. Raises Unreadable."""
    try:
        content = json.loads(raw.content)
        visitor = str(raw.transport["visitor"])
        if not isinstance(content, dict):
            raise TypeError("no JSON object")
        if "articles" in content:
            return Parsed(envelopes=tuple(_receipts(raw, visitor, content)))
        return Parsed(envelopes=(_message(raw, visitor, content),))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable(f"not a message of a visitor: {what_is_wrong(error)}") from error


def read_file(content: bytes, settings: ChatSettings, *, site: str = "") -> Parsed:
    """What a client sent as a frame, or as it was stored, from a file; on the first site when none is named.

    No connection has proven anything of who wrote, so they are a visitor of their own, the same for the same bytes. For
    the command line. Raises Unreadable.
    """
    digest = hashlib.sha256(content).hexdigest()
    visitor, rest = digest[:32], digest[32:]
    account = site or next(iter(settings.root), "")
    facts = {"external_id": f"{visitor}:{rest}", "transport": {"visitor": visitor}}
    return read_raw(raw_from_file(content, CHANNEL, account=account, **facts))


def _message(raw: RawMessage, visitor: str, content: Mapping[str, Any]) -> Envelope:
    conversation = conversation_name(raw.account, visitor)
    text = safe_text(str(content["text"]))
    return Envelope(
        id=envelope_id(raw.id, 0),
        channel=raw.channel,
        account=raw.account,
        external_id=raw.external_id,
        order=f"{raw.sequence:020d}",
        conversation=(conversation,),
        announces=(conversation,),
        sender=_sender(raw, visitor, str(content.get("email") or "")),
        recipients=(raw.account,),
        text=text,
        language=_language(text, raw),
        attachments=tuple(_attachment(file) for file in content.get("files") or ()),
        received_at=raw.received_at,
        ext={"conversation": visitor, "page": safe_line(str(content.get("page") or ""))},
        raw_id=raw.id,
    )


def _receipts(raw: RawMessage, visitor: str, content: Mapping[str, Any]) -> list[Envelope]:
    return [
        Envelope(
            id=envelope_id(raw.id, index),
            channel=raw.channel,
            account=raw.account,
            kind="delivery",
            external_id=f"{raw.external_id}:{index}",
            order=f"{raw.sequence:020d}",
            sender=_sender(raw, visitor, ""),
            received_at=raw.received_at,
            delivery=Delivery(state=content["state"], reference=str(article)),
            raw_id=raw.id,
        )
        for index, article in enumerate(content["articles"])
    ]


def _sender(raw: RawMessage, visitor: str, claimed: str) -> Sender:
    facts = raw.transport
    identity: Mapping[str, Any] = facts.get("identity") or {}
    proven = {str(facts.get("proven") or ""): PROVEN_BY_CODE, str(identity.get("email") or ""): SIGNED_BY_PAGE}
    proven.pop("", None)
    control = bool(identity) or bool(proven)
    evidence = SIGNED_BY_PAGE if identity else next(iter(proven.values()), BY_TOKEN)
    identities = [
        Identity(
            kind=f"{CHANNEL}:{raw.account}",
            value=visitor,
            assurance=Assurance.CONTROL if control else Assurance.CHANNEL,
            evidence=evidence,
        ),
        *_signed_in_as(raw, identity),
        *(
            Identity(kind="email", value=email, assurance=Assurance.CONTROL, evidence=words)
            for email, words in proven.items()
        ),
    ]
    key = normalise_address(claimed) if claimed else None
    if key is not None and key not in proven:
        identities.append(Identity(kind="email", value=key, evidence="typed into the chat"))
    name = safe_line(str(identity.get("name") or ""), 100)
    return Sender(identities=tuple(identities), name=name, signed_in="visitor" in identity)


def _signed_in_as(raw: RawMessage, identity: Mapping[str, Any]) -> Sequence[Identity]:
    """Who they are for the page, when they signed in during this conversation."""
    visitor = str(identity.get("visitor") or "")
    kind, evidence = f"{CHANNEL}:{raw.account}", SIGNED_BY_PAGE
    return [Identity(kind=kind, value=visitor, assurance=Assurance.CONTROL, evidence=evidence)] if visitor else []


def _attachment(file: Mapping[str, Any]) -> Attachment:
    return Attachment(
        name=safe_name(str(file["name"])),
        media_type=str(file["media_type"]),
        size=int(file["size"]),
        sha256=str(file["sha256"]),
    )


def _language(text: str, raw: RawMessage) -> Language:
    hint = str(raw.transport.get("language") or "")
    return detect(text, [hint] if hint else [])
