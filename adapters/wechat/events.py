"""What WeChat posts: whether somebody says something in it, who, under which id. Pure.

A raw message is the XML of one message, decrypted. What people do besides writing (following, leaving, scanning a code,
opening a link, telling where they are) is no message and is not stored; a type of event that is not listed here is
stored, and set aside for somebody to see. Messages are known by their MsgId; events have none, so they are known by
who, when and what, as WeChat advises.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from ...config.errors import Unreadable
from ..vendor_post import Event, json_bytes
from .settings import Clicks
from .xml_fields import fields_of

# "Receive event pushes", "Custom menu events", "Customer service", "Template messages", "Cards", with what accounts
# are told of themselves; in small letters, because WeChat writes the same event in several ways.
NO_MESSAGES = frozenset(
    {
        *("subscribe", "unsubscribe", "scan", "location", "view", "view_miniprogram", "scancode_push"),
        *("pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select"),
        *("kf_create_session", "kf_close_session", "kf_switch_session", "user_enter_tempsession"),
        *("templatesendjobfinish", "masssendjobfinish", "publishjobfinish"),
        *("subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event"),
        *("qualification_verify_success", "qualification_verify_fail", "naming_verify_success", "naming_verify_fail"),
        *("annual_renew", "verify_expired", "card_pass_check", "card_not_pass_check", "user_get_card", "user_del_card"),
        *("user_gifting_card", "user_consume_card", "user_pay_from_pay_cell", "user_view_card", "card_sku_remind"),
        *("user_enter_session_from_card", "update_member_card", "card_pay_order", "submit_membercard_user_info"),
    }
)
CLICKS = frozenset({"click", "scancode_waitmsg"})
"""Events by which somebody says something: a button that sends its key, a code that is scanned for us to see."""
_PASSING = frozenset({"Encrypt", "PicUrl"})
"""What may differ when WeChat posts a message again."""


def is_event(fields: Mapping[str, Any]) -> bool:
    """Whether it is an event, and no message."""
    return fields.get("MsgType") == "event"


def event_of(fields: Mapping[str, Any]) -> str:
    """Which one, in small letters."""
    return str(fields.get("Event") or "").lower()


def is_wanted(fields: Mapping[str, Any], clicks: Clicks = "all") -> bool:
    """Whether somebody says something in it."""
    if not is_event(fields):
        return True
    event = event_of(fields)
    return event not in NO_MESSAGES and (clicks == "all" or event not in CLICKS)


def external_id(fields: Mapping[str, Any]) -> str:
    """The id of a message; of an event who it is of, when, and what. Raises KeyError."""
    if not is_event(fields):
        return _text(fields, "MsgId" if "MsgId" in fields else "MsgID")
    what = (_text(fields, name) for name in ("FromUserName", "CreateTime", "Event"))
    return ":".join(filter(None, (*what, str(fields.get("EventKey") or ""))))


def writer_of(fields: Mapping[str, Any]) -> str:
    """WeChat's id (OpenID) of whoever it is of. Raises KeyError."""
    return _text(fields, "FromUserName")


def split(content: bytes, clicks: Clicks) -> list[Event]:
    """The message in a body that is decrypted, if somebody says something in it; what is none of them stands alone."""
    try:
        fields = fields_of(content)
        if not is_wanted(fields, clicks):
            return []
        said = json_bytes({name: value for name, value in fields.items() if name not in _PASSING})
        return [Event(external_id(fields), _text(fields, "MsgType"), writer_of(fields), content, said)]
    except (KeyError, Unreadable):
        digest = hashlib.sha256(content).hexdigest()
        return [Event(digest, "message", f"unreadable:{digest}", content)]


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str) or not value.strip():
        raise KeyError(name)
    return value.strip()
