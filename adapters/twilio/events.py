"""The event in what Twilio posts: a message, a call, or what became of a message of ours, under which id. Pure.

A raw message is the form as Twilio posted it, the query of the address in its facts. Twilio posts a message to the
address, to the fallback address when that failed, and we find it in the list of messages when both did: all three say
the same under one id. Receipts that tell nothing (queued, sending) are not stored.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...config.errors import Unreadable
from ...normalizer.envelope import RawMessage
from ..vendor_post import Event, Post, json_bytes
from .calls import split_call
from .parameters import form_parameters, once
from .sids import GIVEN, message_sid

RECEIVED = frozenset({"", "received", "receiving"})
NOTHING = frozenset({"accepted", "scheduled", "queued", "sending"})
BAD = frozenset({"failed", "undelivered", "canceled"})
ARTICLE, PART = "article", "part"
"""What the address for receipts of one of our messages holds: its article; of one that is not its last message, so."""


def split(post: Post) -> Sequence[Event]:
    """The one event of a post. Raises Unreadable."""
    fields = fields_of_form(post.body)
    if not (sid := message_sid(fields)) and "CallSid" in fields:
        return split_call(fields, post.query, post.body)
    if not GIVEN.is_message(sid):
        raise Unreadable("not a post of Twilio that is known here: it has no MessageSid")
    status = status_of(fields)
    if status in RECEIVED:
        return [message_event(fields, post.body)]
    facts = {name: post.query[name] for name in (ARTICLE, PART) if name in post.query}
    if status in NOTHING or (PART in facts and status not in BAD):
        return []
    says = json_bytes([sid, status, fields.get("ErrorCode", ""), facts])
    return [Event(f"{sid}:{status}", "delivery", f"receipts:{sid}", post.body, says, facts)]


def message_event(fields: Mapping[str, str], body: bytes, facts: Mapping[str, Any] | None = None) -> Event:
    """A message of a customer's."""
    sid, text = message_sid(fields), fields.get("Body", "").strip()
    lane = f"{fields.get('To', '')} {fields.get('From', '')}"
    return Event(sid, "message", lane, body, json_bytes([sid, text, fields.get("NumMedia", "0")]), facts or {})


def fields_of(raw: RawMessage) -> Mapping[str, str]:
    """The parameters of a raw message. Raises Unreadable, Forged."""
    return fields_of_form(raw.content)


def fields_of_form(body: bytes) -> Mapping[str, str]:
    """The same of a form. Raises Unreadable, Forged."""
    return once(form_parameters(body))


def status_of(fields: Mapping[str, str]) -> str:
    """What became of one of our messages; of a message of a customer's, that it was received."""
    return (fields.get("MessageStatus") or fields.get("SmsStatus", "")).lower()
