"""Updates of the Bot API into envelopes. Pure: a stored update, and what is set.

    message, business_message, guest_message, channel_post   a message
    edited_…                                                 an edit, with the whole new text
    either, of an album, but for its first message           an addition to that
    callback_query                                           a message: the words of the button that was pressed
    message_reaction                                         what stands below the message now, by one person
    deleted_business_messages                                one delete for each message
    any other, known or not                                  nothing, and no alarm

Messages are ordered by their numbers, changes of them by those of their updates; dates are only shown. What is not for
us is nothing too: a group's message that is not addressed to the bot (addressing.py), somebody joining, a title that
changes. What is no update, or lacks what the Bot API promises of its kind, is Unreadable.
"""

from collections.abc import Mapping
from typing import Any

from telegram import Update

from ...config.errors import Unreadable
from ...normalizer.envelope import RawMessage, raw_from_file
from ...normalizer.outgoing import Parsed
from ..vendor_post import read_json, what_is_wrong
from . import changes, messages
from .addressing import is_for
from .bots import Bot
from .older import completed
from .settings import CHANNEL, BotSettings
from .updates import EDITS, MESSAGES, event_of, kind_of, read_update

_READ = (*MESSAGES, *EDITS, "callback_query", "message_reaction", "deleted_business_messages")


def read(raw: RawMessage, bot: Bot) -> Parsed:
    """The envelopes of a raw message. Raises Unreadable."""
    update = read_update(raw.content)
    kind, _ = kind_of(update)
    if not kind and len(update) > 1:
        raise Unreadable("an update without anything that can be read")
    if kind not in _READ:
        return Parsed(nothing=f"an update of the kind {kind[:50]!r}" if kind else "an update without content")
    return _read(raw, kind, _told(update), bot)


def is_taken(content: bytes, bot: Bot) -> bool:
    """Whether a stored update is a message that is for the bot, or a change of one."""
    try:
        update = _told(read_update(content))
    except Unreadable:
        return False
    message = next((told for kind in (*MESSAGES, *EDITS) if (told := getattr(update, kind)) is not None), None)
    return message is not None and is_for(bot, message)


def read_file(content: bytes, bots: Mapping[str, Bot], account: str) -> Parsed:
    """An update from a file, as if it had come to this bot; without one all is for it. Raises Unreadable."""
    bot = bots.get(account) or _ANY
    event = event_of(read_json(content))
    raw = raw_from_file(content, CHANNEL, account=account, external_id=event.external_id)
    return read(raw, bot)


_ANY = Bot(BotSettings(groups="all"))


def _read(raw: RawMessage, kind: str, update: Update, bot: Bot) -> Parsed:
    try:
        if kind in MESSAGES:
            return messages.read_message(raw, kind, update, bot)
        if kind in EDITS:
            return changes.read_edit(raw, kind, update, bot)
        if kind == "callback_query":
            return messages.read_press(raw, update)
        if kind == "message_reaction":
            return changes.read_reaction(raw, update)
        return changes.read_deletion(raw, update)
    except (ValueError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise Unreadable(f"the update holds what the Bot API does not allow: {what_is_wrong(error)}") from error


def _told(update: Mapping[str, Any]) -> Update:
    """The update as the library reads it. Raises Unreadable."""
    try:
        told = Update.de_json(completed(update), None)
    except Exception as error:
        raise Unreadable("not an update of the Bot API: something in it has another form than it promises") from error
    if all(getattr(told, kind, None) is None for kind in _READ):
        raise Unreadable("the update does not hold what its kind promises")
    return told
