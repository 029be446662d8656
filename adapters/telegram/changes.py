"""Changes of earlier messages into envelopes: edits, reactions, what a business deleted. Pure.

The numbers of updates order the changes of a message: each is higher than those before. Telegram tells of a reaction
what somebody's marks were and are; so the first of them takes the place of all others of theirs, and none takes all
away. Of what is deleted it does not say who did it; it tells the business, whose account the chat is of, so that what
the business wrote itself is deleted as well.
"""

from collections.abc import Iterator

from telegram import (
    BusinessMessagesDeleted,
    Message,
    MessageReactionUpdated,
    ReactionType,
    ReactionTypeCustomEmoji,
    ReactionTypeEmoji,
    Update,
)

from ...normalizer.envelope import Envelope, RawMessage, Reaction, envelope_id
from ...normalizer.outgoing import Parsed
from .addressing import is_for
from .bots import Bot
from .messages import NO_CONTENT, NOT_ADDRESSED, addition, message_envelope, nobody
from .people import chat_sender, user_sender
from .places import Place, safe_id
from .settings import CHANNEL
from .updates import PART_OF

_CUSTOM = "✨"  # an emoji of somebody's own, of which only an id is told
_PAID = "⭐"


def read_edit(raw: RawMessage, kind: str, update: Update, bot: Bot) -> Parsed:
    """What a message says now."""
    message: Message = getattr(update, kind)
    if PART_OF not in raw.transport and not is_for(bot, message):
        return Parsed(nothing=NOT_ADDRESSED)
    now = message_envelope(raw, message, bot)
    if not (now.text or now.attachments):
        return Parsed(nothing=NO_CONTENT)
    if PART_OF in raw.transport:
        return Parsed(envelopes=(addition(now, raw),))
    changed = {
        "kind": "edit",
        "amends": now.external_id,
        "external_id": raw.external_id,
        "order": _order(update),
    }
    return Parsed(envelopes=(Envelope.model_validate(now.model_dump() | changed),))


def read_reaction(raw: RawMessage, update: Update) -> Parsed:
    """The marks of one person below a message, as they are now."""
    told: MessageReactionUpdated | None = update.message_reaction
    assert told is not None
    place = Place(chat=told.chat.id)
    if told.user is not None:
        sender = user_sender(told.user)
    elif told.actor_chat is not None:
        sender = chat_sender(told.actor_chat.id, told.actor_chat.effective_name)
    else:
        return Parsed(nothing="a reaction of nobody")
    if [each.to_dict() for each in told.old_reaction] == [each.to_dict() for each in told.new_reaction]:
        return Parsed(nothing="a reaction that changes nothing")
    return Parsed(
        envelopes=tuple(
            Envelope(
                id=envelope_id(raw.id, index),
                raw_id=raw.id,
                channel=raw.channel,
                account=raw.account,
                received_at=raw.received_at,
                kind="reaction",
                external_id=f"{raw.external_id}.{index}",
                order=f"{_order(update)}.{index:03d}",
                conversation=(f"{CHANNEL}:{raw.account}:{place.thread_key}",),
                sender=sender,
                amends=place.message(told.message_id),
                reaction=reaction,
                sent_at=int(told.date.timestamp() * 1000),
                ext={"conversation": str(place)},
            )
            for index, reaction in enumerate(_marks(told))
        )
    )


def read_deletion(raw: RawMessage, update: Update) -> Parsed:
    """Messages that are no longer in a business's chat."""
    told: BusinessMessagesDeleted | None = update.deleted_business_messages
    assert told is not None
    place = Place(chat=told.chat.id, business=safe_id(told.business_connection_id))
    return Parsed(
        envelopes=tuple(
            Envelope(
                id=envelope_id(raw.id, index),
                raw_id=raw.id,
                channel=raw.channel,
                account=raw.account,
                received_at=raw.received_at,
                kind="delete",
                direction="out",
                external_id=f"{raw.external_id}.{index}",
                order=f"{_order(update)}.{index:03d}",
                conversation=(f"{CHANNEL}:{raw.account}:{place.thread_key}",),
                sender=nobody(),
                amends=place.message(number),
                ext={"conversation": str(place)},
            )
            for index, number in enumerate(told.message_ids)
        ),
        nothing="" if told.message_ids else "a deletion of nothing",
    )


def _order(update: Update) -> str:
    return f"{update.update_id:020d}"


def _marks(told: MessageReactionUpdated) -> Iterator[Reaction]:
    if not told.new_reaction:
        yield Reaction(removed=True)
    for index, mark in enumerate(told.new_reaction):
        yield Reaction(emoji=_emoji(mark), alone=index == 0)


def _emoji(mark: ReactionType) -> str:
    if isinstance(mark, ReactionTypeEmoji):
        return str(mark.emoji)
    return _CUSTOM if isinstance(mark, ReactionTypeCustomEmoji) else _PAID
