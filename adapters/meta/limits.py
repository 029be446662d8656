"""How much Meta takes of an answer: its limits of texts and files, for the card and for who sends.

Which product it is, is seen from where it goes: an identity of Messenger or Instagram is the id of our account and that
of the customer, and the ids of Instagram's professional accounts begin with 17841; anything else is WhatsApp.
"""

from ...normalizer.channel_facts import Product
from ...normalizer.sending_limits import Destination, Dialect, FileLimits, Sends, TextLimit
from .settings import MetaSettings

MEGABYTE = 1024 * 1024
COMMENT = "comment:"
"""Stands in the conversation of a comment before its id."""
PRIVATE, PUBLIC = "private", "public"
LARGEST_FILE = 25 * MEGABYTE
LARGEST_PICTURE = 8 * MEGABYTE
LARGEST_DOCUMENT = 100 * MEGABYTE
MOST_PARTS = 20
MESSENGER_TEXT = TextLimit(most=2000, parts=MOST_PARTS)
INSTAGRAM_TEXT = TextLimit(most=1000, unit="bytes", parts=MOST_PARTS)
WHATSAPP_TEXT = TextLimit(most=4096, parts=MOST_PARTS)
CAPTION = TextLimit(most=1024)
WHATSAPP_DIALECT: Dialect = "whatsapp_marks"

_INSTAGRAM = "17841"
WITHOUT_ADDRESS = "the account was connected with Instagram Login and has no `address` set; send a link to them"
_INSTEAD = "send a link to it instead"


def product(to: Destination, came_as: str) -> Product:  # noqa: ARG001
    """Which of Meta's products goes there."""
    owner, scoped, _ = to.to.partition(":")
    name = ("Instagram" if owner.startswith(_INSTAGRAM) else "Messenger") if scoped else "WhatsApp"
    return Product(words=name, way=f"on {name}", anonymous=f"{name} user" if scoped else "")


def sends_here(section: MetaSettings, to: Destination) -> Sends:
    """The same with these settings: an account with Instagram Login needs an address at which Meta fetches files."""
    account, told = section.root.get(to.account), sends(to)
    if account is None or account.takes_uploads or account.address:
        return told
    return told.model_copy(update={"files": FileLimits(count=0, instead=WITHOUT_ADDRESS)})


def sends(to: Destination) -> Sends:
    """What is taken for this destination."""
    owner, scoped, _ = to.to.partition(":")
    if not scoped:
        files = FileLimits(size=LARGEST_DOCUMENT, instead=_INSTEAD)
        return Sends(text=WHATSAPP_TEXT, files=files, dialect=WHATSAPP_DIALECT)
    modes = {PRIVATE: "Privately", PUBLIC: "Below the comment"} if to.conversation.startswith(COMMENT) else {}
    if owner.startswith(_INSTAGRAM):
        text = INSTAGRAM_TEXT
        kinds = {"image/": LARGEST_PICTURE, "video/": LARGEST_FILE, "audio/": LARGEST_FILE}
        files = FileLimits(kinds={**kinds, "application/pdf": LARGEST_FILE}, others=False, instead=_INSTEAD)
    else:
        text = MESSENGER_TEXT
        files = FileLimits(size=LARGEST_FILE, kinds={"image/": LARGEST_PICTURE}, instead=_INSTEAD)
    return Sends(text=text, files=files, modes=modes)
