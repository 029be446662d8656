"""How much a bot can send: the Bot API's limits of texts and files, for the card and for who sends."""

from ...normalizer.sending_limits import Destination, Dialect, FileLimits, Sends, TextLimit
from .places import place_of

LONGEST_TEXT = 4096
LARGEST_FILE = 50 * 1024 * 1024
MOST_PARTS = 20
DIALECT: Dialect = "telegram_html"


def sends(to: Destination) -> Sends:
    """Whoever asked the bot as a guest gets one text; anybody else as many messages as an answer needs."""
    place = place_of(to.conversation)
    if place is not None and place.guest:
        return Sends(text=TextLimit(most=LONGEST_TEXT, unit="utf16"), files=FileLimits(count=0), dialect=DIALECT)
    files = FileLimits(size=LARGEST_FILE, instead="send a link to it instead")
    text = TextLimit(most=LONGEST_TEXT, unit="utf16", parts=MOST_PARTS)
    return Sends(text=text, files=files, dialect=DIALECT)
