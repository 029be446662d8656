"""From a body of LINE to envelopes, one for each event that says something. Pure.

A chat is a conversation: one person, or a group or room with all who write in it. Who wrote is known by LINE's id of
them, which LINE vouches for (A1); in groups it is told only of those who agreed, and else the group stands for them.
Names are not part of what LINE posts. What somebody takes back is an envelope of its own that names their message.
While another module of LINE has the chat (`standby`), a message waits for somebody to release it: two would answer.
"""

from collections.abc import Mapping
from typing import Any

from ...config.errors import Unreadable
from ...normalizer.envelope import Assurance, Envelope, Identity, RawMessage, Sender, envelope_id, raw_from_file
from ...normalizer.language import detect
from ...normalizer.outgoing import Parsed
from ..vendor_post import filed_as, read_json, what_is_wrong
from .contents import content_of
from .events import CHANNEL, chat_of, events_of, external_id, is_wanted
from .settings import Groups, LineSettings

STANDBY = "another module of LINE answers in this chat now (standby); release it if the desk should answer as well"
_SIGNED = "signed by LINE"
_LATEST = 10**15


def read(raw: RawMessage, groups: Groups = "all") -> Parsed:
    """The envelopes of a raw message. Raises Unreadable."""
    try:
        told = events_of(read_json(raw.content))
        events = [event for event in told if is_wanted(event, groups)]
        if not events:
            return Parsed(nothing=", ".join(str(event.get("type")) for event in told) or "no events")
        return Parsed(envelopes=tuple(_envelope(raw, index, event) for index, event in enumerate(events)))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unreadable(f"not an event of LINE that is known here: {what_is_wrong(error)}") from error


def read_file(content: bytes, settings: LineSettings, account: str = "") -> Parsed:
    """A recorded body, of the first account when none is named. Raises Unreadable."""
    name = account or next(iter(settings.root), "")
    return read(raw_from_file(content, CHANNEL, account=name), settings.root[name].groups if name else "all")


def _envelope(raw: RawMessage, index: int, event: Mapping[str, Any]) -> Envelope:
    at, chat = event["timestamp"], chat_of(event)
    if not isinstance(at, int) or not 0 <= at < _LATEST:
        raise ValueError("no timestamp")
    conversation = f"{CHANNEL}:{raw.account}:{chat}"
    return Envelope(
        id=envelope_id(raw.id, index),
        raw_id=raw.id,
        received_at=raw.received_at,
        channel=raw.channel,
        account=raw.account,
        external_id=filed_as(raw, external_id(event)),
        order=f"{at:015d}:{raw.sequence:015d}:{index:03d}",
        conversation=(conversation,),
        announces=(conversation,),
        sender=_sender(event["source"], chat),
        recipients=(raw.account,),
        sent_at=at,
        suspend=STANDBY if event.get("mode") == "standby" else "",
        ext={"conversation": chat, "order_scope": chat},
        **_said(event),
    )


def _sender(source: Mapping[str, Any], chat: str) -> Sender:
    who = str(source.get("userId") or chat)
    return Sender(identities=(Identity(kind=CHANNEL, value=who, assurance=Assurance.CHANNEL, evidence=_SIGNED),))


def _said(event: Mapping[str, Any]) -> dict[str, Any]:
    if event["type"] == "unsend":
        return {"kind": "delete", "amends": str(event["unsend"]["messageId"])}
    if event["type"] not in ("message", "postback"):
        raise ValueError(f"an event {str(event['type'])[:50]!r}")
    content = content_of(event)
    told = {"language": detect(content.text)} if content.own else {}
    return {"text": content.text, "attachments": content.attachments, "in_reply_to": content.quoted, **told}
