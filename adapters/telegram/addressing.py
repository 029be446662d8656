"""Whether a message is for the bot.

In a chat with the bot alone every message is. In a group those are that mention it by name, command it, or reply to
it, unless the settings say that all or none are taken; whatever a channel posts is or is not, as they say.
"""

from collections.abc import Sequence

from telegram import Message, MessageEntity
from telegram.constants import ChatType

from .bots import Bot
from .formatting import span_of

_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)


def is_for(bot: Bot, message: Message) -> bool:
    """Whether the message is taken."""
    if message.is_automatic_forward:  # a channel's post, copied into the group where it is discussed
        return False
    if message.chat.type == ChatType.CHANNEL:
        return bot.settings.channel_posts
    if message.chat.type not in _GROUPS or message.guest_query_id:
        return True
    return bot.settings.groups == "all" or (bot.settings.groups == "mentions" and _is_addressed(bot, message))


def _is_addressed(bot: Bot, message: Message) -> bool:
    answered = message.reply_to_message
    if answered is not None and answered.from_user is not None and answered.from_user.id == bot.id:
        return True
    text = message.text or message.caption or ""
    entities: Sequence[MessageEntity] = message.entities or message.caption_entities
    return any(_names(bot, span_of(text, entity).casefold(), entity) for entity in entities)


def _names(bot: Bot, words: str, entity: MessageEntity) -> bool:
    name = f"@{bot.settings.username}".casefold() if bot.settings.username else ""
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == bot.id
    if entity.type == MessageEntity.MENTION:
        return words == name
    if entity.type == MessageEntity.BOT_COMMAND:  # `/help` is for every bot, `/help@another` for another
        _, at, addressee = words.partition("@")
        return not at or f"@{addressee}" == name
    return False
