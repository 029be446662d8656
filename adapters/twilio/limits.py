"""What Twilio takes of an answer, by the way on which it goes ("Accepted content types for media").

Which way it is, is seen from our end of the conversation: `whatsapp:+14155238886`, `rcs:brand_agent`, a number.
Carriers take less than Twilio of what is no picture, often 600 kB, and some countries take no MMS at all; the receipt
tells of that. Sizes are bytes.
"""

from collections.abc import Mapping
from typing import Literal

from ...normalizer.sending_limits import Destination, FileLimits, Sends, TextLimit

Way = Literal["sms", "rcs", "whatsapp"]

LONGEST_TEXT = 1600
"""Characters of one message (Twilio, error 21617)."""
MOST_PARTS = 10
"""Messages that one text may become."""
MOST_FILES = 10
LONGEST_CAPTION = 1024

_MB = 1024 * 1024
_INSTEAD = "send a link to it instead"
_PICTURES = ("image/jpeg", "image/jpg", "image/png")
_FILMS = ("video/mp4", "video/mpeg", "video/webm", "video/quicktime", "video/3gpp", "video/h26")
_SOUNDS = ("audio/aac", "audio/ac3", "audio/amr", "audio/3gpp", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/webm")
_OFFICE = ("application/msword", "application/vnd.ms-", "application/vnd.openxmlformats-officedocument.")
_CARDS = ("text/vcard", "text/x-vcard", "application/vcard")
_TEXTS = ("text/csv", "text/rtf", "text/richtext", "text/calendar", "text/directory")


def _each(most: int, *kinds: str) -> dict[str, int]:
    return dict.fromkeys(kinds, most)


_MMS_PICTURES = (*_PICTURES, "image/gif", "image/heic", "image/heif", "image/tiff", "image/bmp")
_KINDS: Mapping[Way, Mapping[str, int]] = {
    "sms": _each(5 * _MB, *_MMS_PICTURES, *_FILMS, *_SOUNDS, *_CARDS, *_TEXTS, *_OFFICE, "application/pdf"),
    "rcs": _each(16 * _MB, *_PICTURES, "image/gif", "video/mp4", "video/mpeg", "video/webm", "application/pdf"),
    "whatsapp": {
        **_each(5 * _MB, *_PICTURES),
        **_each(16 * _MB, "video/mp4", "audio/aac", "audio/amr", "audio/3gpp", "audio/mpeg", "audio/ogg"),
        **_each(16 * _MB, *_CARDS, *_OFFICE, "application/pdf"),
    },
}
_FILES: Mapping[Way, FileLimits] = {
    "sms": FileLimits(count=MOST_FILES, total=5 * _MB, kinds=_KINDS["sms"], others=False, instead=_INSTEAD),
    "rcs": FileLimits(count=MOST_FILES, kinds=_KINDS["rcs"], others=False, instead=_INSTEAD),
    "whatsapp": FileLimits(count=MOST_FILES, kinds=_KINDS["whatsapp"], others=False, instead=_INSTEAD),
}


def way_of(address: str) -> Way:
    """The way of one end of a conversation."""
    return "whatsapp" if address.startswith("whatsapp:") else "rcs" if address.startswith("rcs:") else "sms"


def sends(to: Destination) -> Sends:
    """What is taken for this destination; an SMS is counted in places of its alphabet, all else in characters."""
    way = way_of(to.conversation)
    return Sends(
        text=TextLimit(most=LONGEST_TEXT, unit="sms" if way == "sms" else "utf16", parts=MOST_PARTS),
        files=_FILES[way],
        dialect="whatsapp_marks" if way == "whatsapp" else "plain",
    )
