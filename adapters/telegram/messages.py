"""Messages into envelopes, and the button that was pressed. Pure."""

from typing import Any

from telegram import CallbackQuery, InlineKeyboardMarkup, MaybeInaccessibleMessage, Message, Update

from ...normalizer.envelope import Envelope, RawMessage, Sender, envelope_id
from ...normalizer.language import detect
from ...normalizer.outgoing import Parsed
from ...normalizer.safe_names import safe_line, safe_text
from ..vendor_post import filed_as
from .addressing import is_for
from .bots import Bot
from .contents import contacts_of, described, files_of, unknown
from .formatting import html_of, text_of
from .people import originals_of, sender_of, user_sender
from .places import Place, safe_id
from .settings import CHANNEL
from .updates import PART_OF

_START = "/start "
NOT_ADDRESSED = "a message in a group or a channel that is not for the bot"
NO_CONTENT = "a service message, which says what happened in the chat"


def read_message(raw: RawMessage, kind: str, update: Update, bot: Bot) -> Parsed:
    """A message, when it is for us and says something."""
    message: Message = getattr(update, kind)
    if PART_OF not in raw.transport and not is_for(bot, message):
        return Parsed(nothing=NOT_ADDRESSED)
    envelope = message_envelope(raw, message, bot)
    if PART_OF in raw.transport:
        return Parsed(envelopes=(addition(envelope, raw),))
    if not (envelope.text or envelope.attachments or envelope.contacts):
        return Parsed(nothing=NO_CONTENT)
    return Parsed(envelopes=(envelope,))


def addition(envelope: Envelope, raw: RawMessage) -> Envelope:
    """A message of an album as more of its first one."""
    facts = {"kind": "addition", "amends": raw.transport[PART_OF], "external_id": raw.external_id}
    return Envelope.model_validate(envelope.model_dump() | facts)


def read_press(raw: RawMessage, update: Update) -> Parsed:
    """A button below a message of ours was pressed: its words are the answer to it."""
    query: CallbackQuery | None = update.callback_query
    assert query is not None
    message = query.message
    words = safe_text(_button(query) or query.data or "")
    if message is None or not words:
        return Parsed(nothing="a button of a message that Telegram does not name")
    place = _place(message)
    envelope = Envelope(
        **_ids(raw, 0, place),
        external_id=raw.external_id,
        order=f"{raw.sequence:020d}",
        sender=user_sender(query.from_user),
        recipients=(raw.account,),
        text=words,
        language=detect(words, _hints(query.from_user.language_code)),
        in_reply_to=place.message(message.message_id),
        ext={"conversation": str(place), "button": query.data or ""},  # it has no number, so it comes as we heard of it
    )
    return Parsed(envelopes=(envelope,))


def message_envelope(raw: RawMessage, message: Message, bot: Bot, index: int = 0) -> Envelope:
    """A message, whoever it is for."""
    place = place_of_message(message)
    written = text_of(message)
    text = safe_text("\n".join(filter(None, (written, described(message)))))
    files = files_of(message)
    if not text and not files and (name := unknown(message)):
        text = f"(a message of a kind that is not known here: {name})"
    user = message.from_user
    return Envelope(
        **_ids(raw, index, place),
        external_id=filed_as(raw, place.message(message.message_id)),
        order=f"{message.message_id:015d}.{'0' * 15}.{raw.sequence:020d}",
        direction="out" if _is_ours(message) else "in",
        sender=_sender(message),
        recipients=(raw.account,),
        text=text,
        html=html_of(message),
        quoted=safe_text(message.quote.text) if message.quote else "",
        language=detect(written, _hints(user.language_code if user else None)),
        attachments=files,
        contacts=contacts_of(message),
        originals=originals_of(message, written),
        in_reply_to=_answered(message, place),
        sent_at=int(message.date.timestamp() * 1000),
        automation="auto_reply" if _is_machine(message) else "none",
        fields=_fields(message, bot),
        ext=_ext(place) | _said_of(message),
    )


def place_of_message(message: Message) -> Place:
    """Where a message is."""
    topic = message.direct_messages_topic
    return Place(
        chat=message.chat.id,
        thread=message.message_thread_id if message.is_topic_message else None,
        direct=topic.topic_id if topic else None,
        business=safe_id(message.business_connection_id),
        guest=safe_id(message.guest_query_id),
    )


def _place(message: MaybeInaccessibleMessage) -> Place:
    return place_of_message(message) if isinstance(message, Message) else Place(chat=message.chat.id)


def _ids(raw: RawMessage, index: int, place: Place) -> dict[str, Any]:
    """What every envelope of a conversation begins with."""
    key = f"{CHANNEL}:{raw.account}:{place.thread_key}"
    return {
        "id": envelope_id(raw.id, index),
        "raw_id": raw.id,
        "channel": raw.channel,
        "account": raw.account,
        "received_at": raw.received_at,
        "conversation": (key,),
        "announces": (key,),
    }


def _ext(place: Place) -> dict[str, Any]:
    return {"conversation": str(place), "order_scope": place.thread_key}


def _said_of(message: Message) -> dict[str, Any]:
    """What only Telegram has, where it says something."""
    chat, user = message.chat, message.from_user
    facts = {
        "chat_title": safe_line(chat.title or "", 200),
        "username": safe_line((user.username if user else None) or "", 64),
    }
    return {name: value for name, value in facts.items() if value}


def _answered(message: Message, place: Place) -> str:
    """The message that this one answers; in a topic every message answers its first, which means nothing."""
    answered = message.reply_to_message
    if answered is None or answered.message_id == message.message_thread_id:
        return ""
    return place.message(answered.message_id)


def _fields(message: Message, bot: Bot) -> dict[str, str]:
    """What the link brought along by which somebody came to the bot."""
    text, field = message.text or "", bot.settings.start_field
    payload = text.removeprefix(_START).strip()[:64] if text.startswith(_START) else ""
    return {field: safe_line(payload)} if field and payload else {}


def _is_ours(message: Message) -> bool:
    """Whether a business wrote it itself, in Telegram: what its customers write is from who the chat is with."""
    return (
        bool(message.business_connection_id)
        and message.from_user is not None
        and message.from_user.id != message.chat.id
    )


def _sender(message: Message) -> Sender:
    """Whoever wrote; of us only the name, because the account of the business is no customer."""
    sender = sender_of(message)
    return Sender(identities=(), name=sender.name) if _is_ours(message) else sender


def _is_machine(message: Message) -> bool:
    user = message.from_user
    if message.is_from_offline is True or message.sender_business_bot is not None:
        return True
    return user is not None and user.is_bot and message.sender_chat is None


def _button(query: CallbackQuery) -> str:
    """The words of the button."""
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    rows = markup.inline_keyboard if isinstance(markup, InlineKeyboardMarkup) else ()
    return next((each.text for row in rows for each in row if each.callback_data == query.data), "")


def _hints(code: str | None) -> list[str]:
    return [code] if code else []


def nobody() -> Sender:
    """Where the channel does not say who."""
    return Sender(identities=())
