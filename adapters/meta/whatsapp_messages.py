"""Events of WhatsApp as parts of envelopes: messages, edits, reactions, receipts. Pure.

A receipt names our article and which message of it, because every message of ours carries that; without, it tells of a
message by WhatsApp's id, which may be another program's. What was written in the WhatsApp Business app is an outgoing
message. A number that somebody took their account to is told as a message that no person wrote. Raises KeyError,
TypeError, ValueError.
"""

from collections.abc import Mapping
from typing import Any

from ...normalizer.envelope import Delivery, DeliveryState, Reaction, Sender
from ...normalizer.language import detect
from ..vendor_post import safe_id
from .events import Told, event_id
from .people import moved, whatsapp_ids, whatsapp_key, whatsapp_sender
from .refusals import told_error
from .said import line
from .scoped_messages import WINDOW_MS, thread_key
from .sent_marks import read_mark
from .whatsapp_contents import content_of

GROUP = "group:"
"""Stands in the conversation of a group before its id."""

_STATES: Mapping[str, DeliveryState] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}
_MOVED = ("user_changed_number", "customer_changed_number")


def whatsapp_parts(told: Told, account: str, *, human_agent: bool) -> list[dict[str, Any]]:  # noqa: ARG001
    """What differs from one envelope to the next; nothing for an event in which nobody says anything."""
    if told.kind == "status":
        return _receipt(told, account)
    if told.kind == "echo":
        return [_changed(told, account, Sender(identities=()), told.item) or _echo(told, account)]
    if told.item["type"] == "system":
        return _system(told, account)
    sender = whatsapp_sender(told.item, told.around)
    return [_changed(told, account, sender, told.item) or _message(told, account, sender)]


def _about(told: Told, account: str, sender: Sender) -> dict[str, Any]:
    group = told.item.get("group_id")
    ids = whatsapp_ids(told.kind, told.item)
    keys = [f"{GROUP}{group}"] if group else list(dict.fromkeys(map(whatsapp_key, ids)))
    found = tuple(thread_key(account, key) for key in keys)
    conversation = f"{GROUP}{group}" if group else ids[0]
    return {
        "external_id": event_id(told),
        "sender": sender,
        "conversation": found,
        "announces": found,
        "ext": {"conversation": conversation, "order_scope": keys[0], "product": told.product},
    }


def _message(told: Told, account: str, sender: Sender) -> dict[str, Any]:
    said, parts = content_of(told.item), _about(told, account, sender)
    language = {"language": detect(said.own)} if said.own else {}
    return {
        **parts,
        **language,
        "kind": "message",
        "text": said.text,
        "attachments": said.attachments,
        "contacts": said.contacts,
        "in_reply_to": said.quoted,
        "reply_by": told.at + WINDOW_MS,
        "ext": {**parts["ext"], **said.ext},
    }


def _echo(told: Told, account: str) -> dict[str, Any]:
    said = content_of(told.item)
    shown = {"text": said.text, "attachments": said.attachments, "in_reply_to": said.quoted}
    return _about(told, account, Sender(identities=())) | {"kind": "message", "direction": "out", **shown}


def _changed(told: Told, account: str, sender: Sender, item: Mapping[str, Any]) -> dict[str, Any] | None:
    """What changes another message; None for what is one itself."""
    kind, direction = str(item["type"]), "out" if told.kind == "echo" else "in"
    if kind not in ("reaction", "edit", "revoke"):
        return None
    parts = _about(told, account, sender) | {"direction": direction}
    if kind == "reaction":
        emoji = line(item["reaction"].get("emoji"), 20)
        mark = Reaction(emoji=emoji, removed=not emoji, alone=True)
        return parts | {"kind": "reaction", "amends": safe_id(str(item["reaction"]["message_id"])), "reaction": mark}
    amends = {"amends": safe_id(str(item[kind]["original_message_id"]))}
    if kind == "revoke":
        return parts | {"kind": "delete", **amends}
    said = content_of(item["edit"]["message"])
    return parts | {"kind": "edit", **amends, "text": said.text}


def _system(told: Told, account: str) -> list[dict[str, Any]]:
    system = told.item["system"]
    if system.get("type") not in _MOVED:
        return []
    sender = moved(told.item, told.around)
    parts = _about(told, account, sender)
    now = thread_key(account, sender.identities[0].value)
    numbers = " to ".join(each.value for each in reversed(sender.identities))
    return [
        {
            **parts,
            "kind": "message",
            "automation": "auto_reply",
            "text": f"WhatsApp says that the customer changed their number from {numbers}",
            "announces": (*parts["announces"], now),
            "ext": {
                **parts["ext"],
                "conversation": sender.identities[0].value.lstrip("+"),
                "came_as": "changed_number",
            },
        }
    ]


def _receipt(told: Told, account: str) -> list[dict[str, Any]]:
    item = told.item
    state = _STATES.get(str(item["status"]))
    if state is None:
        return []
    errors = [each for each in item.get("errors") or () if isinstance(each, dict)]
    mark = read_mark(item.get("biz_opaque_callback_data"))
    delivery = Delivery(
        state=state,
        reference=mark.article or str(item["id"]),
        part=mark.part,
        last=mark.last,
        detail="; ".join(map(told_error, errors[:3])),
        shared=True,
    )
    return [_about(told, account, Sender(identities=())) | {"kind": "delivery", "delivery": delivery}]
