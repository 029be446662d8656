"""Replies on Telegram: the text, in as many messages as it needs, then the files.

A text takes at most 4096 UTF-16 units; a longer one is parted where a reader pauses. A text of up to 1024 with one file
goes below it. Pictures go as photos, films and music as such, anything else as a document; a picture that Telegram
cannot show goes as a document as well. What is too large is refused before anything is sent. In a group the reply names
the message that it answers, so that its writer is told.

What the writer marked as bold, a list or a link goes as Telegram's HTML; all else is text, whatever stands in it, so
nobody smuggles formatting in. Telegram counts a text without its marks. A reply in several parts goes on where it
stopped (sent_parts.py); when a later part is refused for good, the words say that the first ones have arrived.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputFile,
    InputTextMessageContent,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ParseMode

from ...config.errors import DeliveryFailed
from ...normalizer.envelope import Attachment
from ...normalizer.outgoing import Outgoing, Sent
from ...normalizer.rendering import messages_of
from ...normalizer.sending_limits import Dialect, TextLimit
from ..sent_parts import Parts, send_parts
from .bot_api import BotApi, Migrated
from .limits import LARGEST_FILE, LONGEST_TEXT
from .places import Place, message_number, place_of

LONGEST_CAPTION = 1024
LARGEST_PHOTO = 10 * 1024 * 1024

ReadBlob = Callable[[str], Awaitable[bytes]]
_Way = Callable[[Bot, InputFile, Mapping[str, Any]], Awaitable[Message]]

_PHOTOS = frozenset({"image/jpeg", "image/png"})
_VIDEOS = frozenset({"video/mp4"})
_MUSIC = frozenset({"audio/mpeg", "audio/mp4", "audio/x-m4a"})
_NO_PHOTO = ("PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED", "PHOTO_EXT_INVALID", "PHOTO_SAVE_FILE_INVALID")
_CHAT = re.compile(r"-?\d{1,20}\Z", re.ASCII)


@dataclass(frozen=True)
class _Part:
    """One message: a text, a file, or a file with a text below it."""

    text: str = ""
    file: Attachment | None = None
    mode: str | None = None
    choices: tuple[str, ...] = ()


@dataclass
class _Whereabouts:
    """Where a reply goes, which Telegram changes when a group becomes another."""

    place: Place

    def message(self, number: int) -> str:
        return self.place.message(number)


class TelegramSender:
    """Sends from one bot."""

    def __init__(self, api: BotApi, read_blob: ReadBlob, parts: Parts[int]) -> None:
        self._api = api
        self._read_blob = read_blob
        self._parts = parts

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send one reply. Raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        place = place_of(outgoing.conversation or outgoing.to) if _CHAT.match(outgoing.to) else None
        if place is None:
            raise DeliveryFailed("there is nobody to send it to")
        parts = parts_of(outgoing)
        if place.guest:
            return await self._answer_guest(place, parts)
        where = _Whereabouts(place)

        async def send(part: _Part, before: Sequence[int]) -> int:
            try:
                return await self._one(where.place, part, _answers(outgoing, where.place, before))
            except Migrated as moved:
                where.place = replace(where.place, chat=moved.chat, thread=None)
                return await self._one(where.place, part, None)

        numbers = await send_parts(self._parts, outgoing.article_id, parts, send, named=where.message)
        reference, *also = map(where.message, numbers)
        detail = f"Telegram took it in {len(parts)} messages" if len(parts) > 1 else "Telegram took it"
        return Sent(reference=reference, also=tuple(also), detail=detail)

    async def _one(self, place: Place, part: _Part, answers: ReplyParameters | None) -> int:
        where = _where(place, answers)
        if part.file is None:
            preview = LinkPreviewOptions(is_disabled=True)
            async with self._api.fate() as bot:
                message = await bot.send_message(
                    text=part.text,
                    parse_mode=part.mode,
                    link_preview_options=preview,
                    reply_markup=_buttons(part.choices),
                    **where,
                )
            return message.message_id
        return await self._file(part.file, {"caption": part.text or None, "parse_mode": part.mode, **where})

    async def _file(self, file: Attachment, given: Mapping[str, Any]) -> int:
        content = await self._read_blob(file.sha256)
        way = _way_of(file, len(content))
        try:
            async with self._api.fate() as bot:
                return (await way(bot, InputFile(content, filename=file.name), given)).message_id
        except DeliveryFailed as error:
            if way is not _photo or not any(word in error.detail for word in _NO_PHOTO):
                raise
        async with self._api.fate() as bot:
            return (await _document(bot, InputFile(content, filename=file.name), given)).message_id

    async def _answer_guest(self, place: Place, parts: Sequence[_Part]) -> Sent:
        """The one answer to somebody who asked the bot in a chat that it is not in."""
        if len(parts) > 1 or parts[0].file:
            raise DeliveryFailed(f"such a question takes one text of up to {LONGEST_TEXT} characters, without files")
        words, buttons = InputTextMessageContent(parts[0].text, parts[0].mode), _buttons(parts[0].choices)
        article = InlineQueryResultArticle("answer", "Answer", words, reply_markup=buttons)
        async with self._api.fate() as bot:
            sent = await bot.answer_guest_query(place.guest, article)
        return Sent(reference=f"guest:{sent.inline_message_id}", detail="Telegram took it")


def parts_of(outgoing: Outgoing) -> list[_Part]:
    """The messages that a reply becomes. Raises DeliveryFailed for what Telegram does not take."""
    for file in outgoing.attachments:
        if file.size > LARGEST_FILE:
            raise DeliveryFailed(
                f"{file.name} is larger than the 50 MB that Telegram takes of a bot; send a link to it"
            )
    files, mode = outgoing.attachments, ParseMode.HTML if outgoing.formatted else None
    if len(files) == 1 and len(caption := _messages(outgoing, LONGEST_CAPTION)) == 1:
        return [_Part(caption[0], files[0], mode)]
    texts = [_Part(text, mode=mode) for text in _messages(outgoing, LONGEST_TEXT)]
    parts = [*texts, *(_Part(file=file) for file in files)]
    if not parts:
        raise DeliveryFailed("there is nothing to send")
    choices = outgoing.template.choices if outgoing.template is not None else ()
    return [*parts[:-1], replace(parts[-1], choices=choices)]


def _buttons(choices: Sequence[str]) -> InlineKeyboardMarkup | None:
    """One below the other; each gives back its own words, so that they are known of an old message too."""
    rows = [InlineKeyboardButton(words, callback_data=words) for words in choices]
    return InlineKeyboardMarkup.from_column(rows) if rows else None


def _messages(outgoing: Outgoing, most: int) -> list[str]:
    limit = TextLimit(most=most, unit="utf16")
    dialect: Dialect = "telegram_html" if outgoing.formatted else "plain"
    return messages_of(outgoing.text.strip(), limit, dialect, formatted=outgoing.formatted)


def _way_of(file: Attachment, size: int) -> _Way:
    if file.media_type in _PHOTOS and size <= LARGEST_PHOTO:
        return _photo
    if file.media_type in _VIDEOS:
        return _video
    return _audio if file.media_type in _MUSIC else _document


async def _photo(bot: Bot, file: InputFile, given: Mapping[str, Any]) -> Message:
    return await bot.send_photo(photo=file, **given)


async def _video(bot: Bot, file: InputFile, given: Mapping[str, Any]) -> Message:
    return await bot.send_video(video=file, supports_streaming=True, **given)


async def _audio(bot: Bot, file: InputFile, given: Mapping[str, Any]) -> Message:
    return await bot.send_audio(audio=file, **given)


async def _document(bot: Bot, file: InputFile, given: Mapping[str, Any]) -> Message:
    return await bot.send_document(document=file, disable_content_type_detection=True, **given)


def _where(place: Place, answers: ReplyParameters | None) -> dict[str, Any]:
    return {
        "chat_id": place.chat,
        "message_thread_id": place.thread,
        "direct_messages_topic_id": place.direct,
        "business_connection_id": place.business or None,
        "reply_parameters": answers,
    }


def _answers(outgoing: Outgoing, place: Place, before: Sequence[int]) -> ReplyParameters | None:
    """Which message the first part names, where others write too."""
    number = message_number(outgoing.in_reply_to)
    if before or place.is_private or number is None or outgoing.in_reply_to != place.message(number):
        return None
    return ReplyParameters(number, allow_sending_without_reply=True)
