"""The length of a text as X counts it: most letters one, Chinese, Japanese, Korean and emoji two, an address 23.

After the configuration of twitter-text, version 3 (`config/v3.json`): weights in hundredths of ranges of code points,
addresses of pages at a fixed length, an emoji as a whole two, and all of it over the text in Unicode form NFC.
What is an address is simpler here than there: `https://…` and `http://…`; a bare `example.com`, which X makes an
address too, is counted by its letters, so a text near the limit can be refused that X would take, or the other way.
"""

import re
import unicodedata

LONGEST = 280
URL_LENGTH = 23

_URL = re.compile(r"\bhttps?://[^\s<>\"'`|\\^{}]{3,2000}", re.IGNORECASE)
_SINGLE = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3"
    "|[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
    "(?:\u200d[\u2640-\u27bf\U0001f000-\U0001faff]\ufe0f?[\U0001f3fb-\U0001f3ff]?)*)"
)


def weight(character: str) -> int:
    """One or two."""
    at = ord(character)
    return 1 if any(first <= at <= last for first, last in _SINGLE) else 2


def weighted_length(text: str) -> int:
    """The whole text."""
    rest, urls = _URL.subn(" ", unicodedata.normalize("NFC", text))
    taken = urls * (URL_LENGTH - 1)
    at = 0
    while at < len(rest):
        emoji = _EMOJI.match(rest, at) if rest[at] > "\u00a8" or rest[at] in "0123456789#*" else None
        is_picture = emoji is not None and _is_picture(emoji[0])
        taken += 2 if is_picture else weight(rest[at])
        at = emoji.end() if emoji is not None and is_picture else at + 1
    return taken


def _is_picture(found: str) -> bool:
    """Several code points that are seen as one, or a symbol from the planes of emoji."""
    return len(found) > 1 or found >= "\U0001f000"
