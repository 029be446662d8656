"""How much X takes of an answer, by where it goes: directly to the person, or in public below their post.

A direct message takes 10,000 characters and one picture; a post 280 as X counts them (normalizer/weighted_length.py)
and four pictures. In public an answer is given only to a post, and only when the writer says so.
"""

from ...normalizer.channel_facts import Product
from ...normalizer.sending_limits import Destination, FileLimits, Sends, TextLimit
from ...normalizer.weighted_length import LONGEST
from .events import POST

DIRECT, PUBLIC = "direct", "public"
LONGEST_MESSAGE = 10_000
MOST_MESSAGES = 5
MOST_POSTS = 10
MOST_PICTURES = 4
LARGEST_PICTURE = 5 * 1024 * 1024
PICTURES = ("image/jpeg", "image/png", "image/webp")

_MODES = {DIRECT: "Direct message", PUBLIC: "In public, below the post"}
_FILES = FileLimits(
    count=MOST_PICTURES,
    kinds=dict.fromkeys(PICTURES, LARGEST_PICTURE),
    others=False,
    instead="send a link to it instead",
)
DIRECTLY = TextLimit(most=LONGEST_MESSAGE, parts=MOST_MESSAGES)
PUBLICLY = TextLimit(most=LONGEST, unit="weighted", parts=MOST_POSTS)


def product(to: Destination, came_as: str) -> Product:  # noqa: ARG001
    """Whether everybody has seen what came."""
    where = "X, in public" if to.conversation.startswith(POST) else "X"
    return Product(words=where, way="on X", anonymous="X user")


def sends(to: Destination) -> Sends:
    """What is taken for this destination."""
    modes = _MODES if to.conversation.startswith(POST) else {}
    return Sends(text=PUBLICLY if to.mode == PUBLIC else DIRECTLY, files=_FILES, modes=modes)
