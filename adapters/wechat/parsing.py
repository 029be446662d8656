"""From the XML of WeChat to the envelope of what somebody says. Pure.

A person is a conversation. They are known by WeChat's id of them on this account (OpenID), which WeChat vouches for
(A1); names are not part of what it posts. Answers are free for 48 hours after a message. A button alone opens a window
of one minute, but shuts none that a message before it opened; so nothing is said of its end, and WeChat decides. WeChat
tells the time in seconds; what comes within one stands as it came.
"""

from collections.abc import Mapping
from typing import Any

from ...config.errors import Forged, Unreadable
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
from ..vendor_post import filed_as, what_is_wrong
from .contents import content_of
from .encryption import Letters
from .events import event_of, external_id, is_event, is_wanted, writer_of
from .settings import CHANNEL, Clicks, WechatSettings
from .xml_fields import fields_of

WINDOW_SECONDS = 48 * 3600
AS_BUTTON = "menu_button"

_LATEST = 10**12
_VOUCHED = "vouched for by WeChat"


def read(raw: RawMessage, letters: Letters | None = None, clicks: Clicks = "all") -> Parsed:
    """The envelope of a raw message; `letters` opens one that could not be opened when it came. Raises Unreadable."""
    fields = _opened(raw.content, letters)
    try:
        if not is_wanted(fields, clicks):
            return Parsed(nothing=event_of(fields))
        return Parsed(envelopes=(_envelope(raw, fields),))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unreadable(f"not a message of WeChat that is known here: {what_is_wrong(error)}") from error


def read_file(content: bytes, settings: WechatSettings, account: str = "") -> Parsed:
    """A recorded body, of the first account when none is named. Raises Unreadable."""
    name = account or next(iter(settings.root), "")
    clicks = settings.root[name].clicks if name else "all"
    return read(raw_from_file(content, CHANNEL, account=name), clicks=clicks)


def _opened(content: bytes, letters: Letters | None) -> Mapping[str, Any]:
    """What is said. In compatible mode it stands beside what is encrypted, too, where no signature covers it: whoever
    has the key reads only that."""
    fields = fields_of(content)
    if "Encrypt" not in fields or (letters is None and "MsgType" in fields):
        return fields
    if letters is None:
        raise Unreadable(
            "it is encrypted, and nothing is here to open it: files are read without secrets, and an account has no "
            "key while `encrypted` of channels.wechat is false"
        )
    try:
        return fields_of(letters.opened(str(fields["Encrypt"])))
    except Forged as error:
        raise Unreadable(error.detail) from error


def _envelope(raw: RawMessage, fields: Mapping[str, Any]) -> Envelope:
    at, who = int(fields["CreateTime"]), writer_of(fields)
    if not 0 <= at < _LATEST:
        raise ValueError("no time")
    conversation, content = f"{CHANNEL}:{raw.account}:{who}", content_of(fields)
    button = is_event(fields)
    return Envelope(
        id=envelope_id(raw.id, 0),
        raw_id=raw.id,
        received_at=raw.received_at,
        channel=raw.channel,
        account=raw.account,
        external_id=filed_as(raw, external_id(fields)),
        order=f"{at:012d}:{raw.sequence:015d}",
        conversation=(conversation,),
        announces=(conversation,),
        sender=Sender(identities=(Identity(kind=CHANNEL, value=who, assurance=Assurance.CHANNEL, evidence=_VOUCHED),)),
        recipients=(raw.account,),
        text=content.text,
        attachments=content.attachments,
        sent_at=at * 1000,
        reply_by=None if button else (at + WINDOW_SECONDS) * 1000,
        ext={"conversation": who, "order_scope": who, **({"came_as": AS_BUTTON} if button else {})},
        language=detect(content.text) if content.own else Language(),
    )
