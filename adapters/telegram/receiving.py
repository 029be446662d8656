"""What Telegram posts to `/v1/telegram/{bot}`: one update a post, with the secret that only Telegram and we know.

Telegram signs nothing; the secret in `X-Telegram-Bot-Api-Secret-Token` is all that makes a post Telegram's (Bot API,
setWebhook). It waits 60 seconds for an answer, and posts the next update of a chat only when the one before was taken,
so no update is refused for what is in it: what is none is stored whole and set aside.

Who presses a button waits, before a mark that turns, until the bot says that it knows; it is said in the answer to the
post, which can call one method.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from ...config.errors import Unreadable
from ..vendor_post import Event, Post, demand_equal, json_bytes, read_json, single_header
from ..vendor_webhook import Contract
from .updates import event_of, pressed

HEADER = "X-Telegram-Bot-Api-Secret-Token"
PATIENCE = 30.0
LARGEST = 4 * 1024 * 1024


def contract(secret_of: Callable[[str], str]) -> Contract:
    """What Telegram wants of the face; `secret_of` gives the secret of a bot."""

    def verify(post: Post) -> None:
        demand_equal(single_header(post, HEADER), secret_of(post.account), "secret token")

    return Contract(verify=verify, split=split, answer=answer, largest=LARGEST, patience=PATIENCE)


def split(post: Post) -> Sequence[Event]:
    """The update in a post."""
    return [event_of(read_json(post.body))]


def answer(post: Post) -> bytes:
    """The call of a method, where a button was pressed; else nothing."""
    with suppress(Unreadable):
        if b"callback_query" in post.body and (query := pressed(read_json(post.body))):
            return json_bytes({"method": "answerCallbackQuery", "callback_query_id": query})
    return b"{}"
