"""A post of Meta as people keep it: whole, or a part of it, as documentation shows and programs hand on. Pure.

    a whole post                                            as it is
    `entry` without `object`                                of WhatsApp by what it says of itself, else of a page
    one change (`field` and `value`), as the console shows  in a post of WhatsApp, or of a page
    `messages` or `statuses` alone                          of the WhatsApp API on premises
    one event of `messaging`, also below that name          in a post of a page

Only files are read so: what is posted has to be whole.
"""

from collections.abc import Mapping
from typing import Any

from ..vendor_post import json_bytes, read_json

_MESSAGING = "messaging"
_PAGE, _WHATSAPP = "page", "whatsapp_business_account"


def body_of(content: bytes) -> bytes:
    """The whole post. Raises Unreadable for what is no JSON."""
    told = read_json(content)
    if not isinstance(told, dict) or "object" in told:
        return content
    return json_bytes(_whole(told))


def _whole(told: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(entries := told.get("entry"), list):
        return {**told, "object": _object_of(entries)}
    if isinstance(value := told.get("value"), dict):
        return {"object": _WHATSAPP if _is_whatsapp(value) else _PAGE, "entry": [{"changes": [told]}]}
    if isinstance(event := told.get(_MESSAGING), dict):
        return _whole(event)
    if _is_whatsapp(told):
        return {"object": _WHATSAPP, "entry": [{"changes": [{"value": told}]}]}
    if "sender" in told or "recipient" in told:
        return {"object": _PAGE, "entry": [{_MESSAGING: [told]}]}
    return told


def _object_of(entries: list[Any]) -> str:
    changes = [each.get("changes") for each in entries if isinstance(each, dict)]
    values = [change.get("value") for found in changes if isinstance(found, list) for change in found]
    return _WHATSAPP if any(isinstance(each, dict) and _is_whatsapp(each) for each in values) else _PAGE


def _is_whatsapp(value: Mapping[str, Any]) -> bool:
    return value.get("messaging_product") == "whatsapp" or any(
        isinstance(value.get(name), list) for name in ("messages", "statuses", "message_echoes")
    )
