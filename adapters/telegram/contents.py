"""What a message holds beside its words: files to fetch, and what can be said in words. Pure.

A file is named by Telegram's id of it, by which the same bot fetches it later. Telegram gives a bot no file over
20 MB. What is no file is told in words: a place with its coordinates and a map, a poll with its options, a sticker as
its emoji. Of service messages (somebody joined, a title changed) nothing is said: they are for nobody.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from telegram import Checklist, Location, Message, PhotoSize, Poll, RefundedPayment, Sticker, SuccessfulPayment, Venue
from telegram import Contact as SharedContact
from telegram.constants import MessageType

from ...normalizer.envelope import Attachment, Contact
from ...normalizer.later_files import later_file, missing_file
from ...normalizer.safe_names import safe_line

LARGEST_FETCHED = 20 * 1024 * 1024  # Bot API, getFile: at most 20 MB
_TOO_LARGE = "larger than the 20 MB that Telegram gives out; ask for it in another way"
# Field of a message, what it is called and its media type where the sender says neither.
_FILES = (
    ("document", "document", ""),
    ("video", "video", "video/mp4"),
    ("audio", "audio", "audio/mpeg"),
    ("voice", "voice message", "audio/ogg"),
    ("video_note", "video message", "video/mp4"),
)
_KNOWN = tuple(str(kind.value) for kind in MessageType)
_UNDOCUMENTED = frozenset(
    {
        *("new_chat_participant", "new_chat_member", "left_chat_participant", "thumb", "forward_from", "forward_date"),
        *("forward_from_chat", "forward_from_message_id", "forward_sender_name", "forward_signature"),
        *("user_shared", "voice_chat_started", "voice_chat_ended", "voice_chat_scheduled"),
        "voice_chat_participants_invited",
    }
)
_UNSEEN = {
    "story": "(a story was shared; Telegram shows it to no bot)",
    "paid_media": "(paid media; Telegram shows it to no bot)",
    "gift": "(a gift)",
    "unique_gift": "(a gift)",
    "giveaway": "(a giveaway)",
    "invoice": "(an invoice)",
}


def files_of(message: Message) -> tuple[Attachment, ...]:
    """The files of a message. What Telegram sends as an animation it also gives as a document."""
    return tuple(_files(message))


def contacts_of(message: Message) -> tuple[Contact, ...]:
    """The contact that was shared."""
    contact = message.contact
    if contact is None:
        return ()
    name = safe_line(" ".join(filter(None, (contact.first_name, contact.last_name))), 200)
    return (Contact(name=name, phones=(safe_line(contact.phone_number, 50),)),)


def described(message: Message) -> str:
    """In words what is neither text nor file; empty when there is nothing of the kind."""
    return "\n".join(filter(None, map(str.strip, _described(message))))


def unknown(message: Message) -> str:
    """The name of what a message holds that was not known when this was written; empty when there is nothing.

    What is of a known kind is none, whatever else Telegram says of it: it still sends names that it documents no more.
    """
    if any(getattr(message, kind, None) for kind in _KNOWN):
        return ""
    return safe_line(next((name for name in message.api_kwargs if name not in _UNDOCUMENTED), ""), 50)


def _files(message: Message) -> Iterator[Attachment]:
    if message.photo:
        yield _attachment(_largest(message.photo), "photo", "image/jpeg")
    for field, name, media_type in _FILES:
        if (file := getattr(message, field)) is not None:
            yield _attachment(file, name, media_type)
    if message.animation is not None and message.document is None:
        yield _attachment(message.animation, "animation", "video/mp4")
    if message.sticker is not None:
        yield _attachment(message.sticker, "sticker", _sticker_type(message.sticker))
    if message.live_photo is not None:
        yield _attachment(message.live_photo, "live photo", "video/mp4")


def _largest(photo: tuple[PhotoSize, ...]) -> PhotoSize:
    return max(photo, key=lambda size: (size.width * size.height, size.file_size or 0))


def _sticker_type(sticker: Sticker) -> str:
    if sticker.is_animated:
        return "application/gzip"
    return "video/webm" if sticker.is_video else "image/webp"


def _attachment(file: Any, kind: str, media_type: str) -> Attachment:
    size, name = file.file_size or 0, getattr(file, "file_name", None) or ""
    told = getattr(file, "mime_type", None) or media_type
    named = later_file(file.file_id, kind=kind, name=name, media_type=told, size=size)
    return missing_file(named, _TOO_LARGE) if size > LARGEST_FETCHED else named


def _described(message: Message) -> Iterator[str]:
    for field, words_of in _WORDS.items():
        if (told := getattr(message, field)) is not None and not (field == "location" and message.venue):
            yield words_of(told)
    for field, words in _UNSEEN.items():
        if getattr(message, field) is not None:
            yield words


def _contact(contact: SharedContact) -> str:
    return f"{contact.first_name} {contact.last_name or ''}".strip() + f" {contact.phone_number}"


def _checklist(checklist: Checklist) -> str:
    return "\n".join(
        (checklist.title, *(f"{'☑' if each.completion_date else '☐'} {each.text}" for each in checklist.tasks))
    )


def _payment(paid: SuccessfulPayment) -> str:
    return f"Payment {paid.total_amount} {paid.currency} (smallest units), {paid.telegram_payment_charge_id}"


def _refund(paid: RefundedPayment) -> str:
    return f"Refund {paid.total_amount} {paid.currency} (smallest units), {paid.telegram_payment_charge_id}"


def _location(place: Location) -> str:
    at = f"{place.latitude:.6f}, {place.longitude:.6f}"
    map_ = f"https://www.openstreetmap.org/?mlat={place.latitude:.6f}&mlon={place.longitude:.6f}"
    return f"📍 {at} {map_}"


def _venue(venue: Venue) -> str:
    return f"{venue.title}, {venue.address}\n{_location(venue.location)}"


def _poll(poll: Poll) -> str:
    return "\n".join((poll.question, *(f"– {option.text}" for option in poll.options)))


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "sticker": lambda sticker: sticker.emoji or "",
    "dice": lambda dice: f"{dice.emoji} {dice.value}",
    "venue": _venue,
    "location": _location,
    "poll": _poll,
    "checklist": _checklist,
    "contact": _contact,
    "game": lambda game: f"{game.title}: {game.description}",
    "web_app_data": lambda told: f"{told.button_text}: {told.data}",
    "successful_payment": _payment,
    "refunded_payment": _refund,
}
