"""What LINE takes of an answer (reference, "Message objects"). Files are fetched from us, so they need an address.

A text is counted in UTF-16 code units. A preview is needed of pictures and films, up to `LARGEST_PREVIEW`. Bytes.
"""

from collections.abc import Mapping

from ...normalizer.sending_limits import Destination, FileLimits, Sends, TextLimit
from .settings import LineSettings

LONGEST_TEXT = 5000
MOST_TEXTS = 5
MOST_FILES = 5
MOST_AT_ONCE = 5
"""Messages of one push."""

_MB = 1024 * 1024
LARGEST_PREVIEW = _MB
KINDS: Mapping[str, str] = {
    "image/jpeg": "image",
    "image/png": "image",
    "video/mp4": "video",
    "audio/mp4": "audio",
    "audio/m4a": "audio",
    "audio/x-m4a": "audio",
}
"""The kinds of messages of LINE, by media type."""
_LARGEST = {"image": 10 * _MB, "video": 200 * _MB, "audio": 200 * _MB}

_TEXT = TextLimit(most=LONGEST_TEXT, unit="utf16", parts=MOST_TEXTS)
SENDS = Sends(
    text=_TEXT,
    files=FileLimits(
        count=MOST_FILES,
        kinds={media_type: _LARGEST[kind] for media_type, kind in KINDS.items()},
        others=False,
        instead="send a link to it instead",
    ),
)
_WITHOUT_ADDRESS = Sends(
    text=_TEXT,
    files=FileLimits(
        count=0,
        instead="LINE fetches them from this desk, whose address is not set for the account (`address`); send a link",
    ),
)


def sends(section: LineSettings, to: Destination) -> Sends:
    """What the account of a destination can send."""
    account = section.root.get(to.account)
    return SENDS if account is not None and account.address else _WITHOUT_ADDRESS
