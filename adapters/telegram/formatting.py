"""The text of a message as people read it without formatting: where a link leads, what is quoted.

Telegram tells of formatting beside the text, as spans counted in UTF-16 units, so that an emoji counts two. A link
under other words is written behind them, a quotation gets its marks; bold, code and the like are left as their words.
The whole formatting is kept as HTML (`html_of`), which is shown only sanitised. Spans that lie outside the text, or
within a character, do no harm.
"""

from collections.abc import Iterable, Sequence

from telegram import Message, MessageEntity

from ...normalizer.safe_names import safe_text

_UTF_16 = "utf-16-le"
_PLAIN = frozenset(
    {
        MessageEntity.MENTION,
        MessageEntity.HASHTAG,
        MessageEntity.CASHTAG,
        MessageEntity.BOT_COMMAND,
        MessageEntity.URL,
        MessageEntity.EMAIL,
        MessageEntity.PHONE_NUMBER,
    }
)
_QUOTES = (MessageEntity.BLOCKQUOTE, MessageEntity.EXPANDABLE_BLOCKQUOTE)


def text_of(message: Message) -> str:
    """The words of a message, or those below what it shows."""
    return with_links(message.text or message.caption or "", message.entities or message.caption_entities)


def html_of(message: Message) -> str:
    """The same as HTML, where there is formatting that says more than the words."""
    entities = message.entities or message.caption_entities
    if all(entity.type in _PLAIN for entity in entities):
        return ""
    try:
        return str((message.text_html if message.text else message.caption_html) or "")
    except ValueError:  # a span that cuts a character in two
        return ""


def with_links(text: str, entities: Sequence[MessageEntity]) -> str:
    """The text with the addresses of its links, and the marks of its quotations."""
    units = text.encode(_UTF_16, "surrogatepass")
    for at, inserted in sorted(_inserted(units, entities), reverse=True):
        units = units[: at * 2] + inserted.encode(_UTF_16) + units[at * 2 :]
    return safe_text(units.decode(_UTF_16, "replace"))


def span_of(text: str, entity: MessageEntity) -> str:
    """The words that a span covers."""
    units = text.encode(_UTF_16, "surrogatepass")
    return units[entity.offset * 2 : (entity.offset + entity.length) * 2].decode(_UTF_16, "replace")


def _inserted(units: bytes, entities: Sequence[MessageEntity]) -> Iterable[tuple[int, str]]:
    """What is put where, in UTF-16 units."""
    for entity in entities:
        end = entity.offset + entity.length
        if not 0 <= entity.offset < end <= len(units) // 2:
            continue
        covered = units[entity.offset * 2 : end * 2].decode(_UTF_16, "replace")
        if entity.type == MessageEntity.TEXT_LINK and entity.url and entity.url.rstrip("/") != covered.rstrip("/"):
            yield end, f" ({entity.url})"
        if entity.type in _QUOTES:
            yield from _marks(covered, entity.offset)


def _marks(covered: str, begin: int) -> Iterable[tuple[int, str]]:
    """`> ` before each line of a quotation."""
    at = begin
    for line in covered.split("\n"):
        yield at, "> "
        at += len(line.encode(_UTF_16, "surrogatepass")) // 2 + 1
