"""Who wrote on Telegram, and how well that is proven.

Telegram vouches for the id of an account, which never changes and is the same for every bot; names and usernames are
their owners' words. A phone number is proven when somebody shares their own contact, not forwarded, in a chat with the
bot alone: Telegram then says that the number is that of the very account, so control of both is proven at once, and the
two are one person's (normalizer/same_person.py). Any other contact is only a contact. Who
writes as a group or a channel is that group or channel; its negative id keeps it apart from people.
"""

from datetime import UTC, datetime

from telegram import Message, User

from ...normalizer.envelope import Assurance, Identity, Original, Sender
from ...normalizer.phone import normalise
from ...normalizer.safe_names import safe_line
from .settings import CHANNEL

_EVIDENCE = "the account's id, told by Telegram"
_OWN_CONTACT = "they shared their own contact on Telegram"


def sender_of(message: Message) -> Sender:
    """Who wrote a message."""
    if message.sender_chat is not None:
        return Sender(identities=(_identity(message.sender_chat.id),), name=_name(message.sender_chat.effective_name))
    if message.from_user is None:
        return Sender(identities=(_identity(message.chat.id),), name=_name(message.chat.effective_name))
    account, name = _identity(message.from_user.id), _called(message.from_user)
    phone = _own_phone(message, message.from_user)
    if phone is None:
        return Sender(identities=(account,), name=name)
    proven = account.model_copy(update={"assurance": Assurance.CONTROL, "evidence": _OWN_CONTACT})
    return Sender(identities=(proven, phone), name=name, signed_in=True)


def user_sender(user: User) -> Sender:
    """Somebody who did something without writing."""
    return Sender(identities=(_identity(user.id),), name=_called(user))


def chat_sender(chat: int, name: str | None = None) -> Sender:
    """Somebody of whom only the chat is known."""
    return Sender(identities=(_identity(chat),), name=_name(name))


def originals_of(message: Message, text: str) -> tuple[Original, ...]:
    """The message that was passed on, by the word of Telegram; whoever hides their account is only a name."""
    origin = message.forward_origin
    if origin is None:
        return _as_before(message, text)
    user, chat = (
        getattr(origin, "sender_user", None),
        getattr(origin, "sender_chat", None) or getattr(origin, "chat", None),
    )
    named = user.full_name if user else chat.effective_name if chat else getattr(origin, "sender_user_name", "")
    when = origin.date
    return (
        Original(
            name=_name(named), date=when.strftime("%Y-%m-%d %H:%M UTC"), sent_at=int(when.timestamp() * 1000), text=text
        ),
    )


def _as_before(message: Message, text: str) -> tuple[Original, ...]:
    """The same in an update that was recorded before Bot API 7.0 (2023)."""
    told = message.api_kwargs
    writer, when = told.get("forward_from") or told.get("forward_from_chat"), told.get("forward_date")
    if not isinstance(when, int):
        return ()
    parts = [writer.get(name) for name in ("title", "first_name", "last_name")] if isinstance(writer, dict) else []
    named = " ".join(each for each in (*parts, told.get("forward_sender_name")) if isinstance(each, str))
    date = datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (Original(name=_name(named), date=date, sent_at=when * 1000, text=text),)


def _identity(id_: int) -> Identity:
    return Identity(kind=CHANNEL, value=str(id_), assurance=Assurance.CHANNEL, evidence=_EVIDENCE)


def _own_phone(message: Message, user: User) -> Identity | None:
    contact = message.contact
    if (
        contact is None
        or contact.user_id != user.id
        or message.chat.id != user.id
        or message.forward_origin is not None
    ):
        return None
    number = normalise(f"+{contact.phone_number.lstrip('+')}")
    if number is None:
        return None
    return Identity(kind="phone", value=number, assurance=Assurance.CONTROL, evidence=_OWN_CONTACT)


def _called(user: User) -> str:
    """Their name; who has none, as an account that was deleted, may have a username."""
    return _name((user.full_name or "").strip() or user.username)


def _name(name: str | None) -> str:
    return safe_line(name or "", 200)
