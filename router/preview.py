"""The last that a customer said, as a list of tickets shows it without reading articles. Pure."""

from .private_fields import Preview
from .records import Article

PREVIEWED = 160  # characters
DELETED = "(deleted where it was written)"


def preview_of(article: Article) -> Preview:
    """The preview of a message."""
    return Preview(
        text=DELETED if article.deleted_at else preview_words(article.text),
        by=article.author.name,
        key=article.author.identity,
        files=len(article.attachments),
        at=article.created_at,
        article=article.id,
    )


def preview_words(text: str) -> str:
    """The beginning of a text in one line."""
    return " ".join(text[: 4 * PREVIEWED].split())[:PREVIEWED]


def is_of(preview: Preview, article: Article) -> bool:
    """Whether the message is the one that is shown."""
    if preview.article:
        return preview.article == article.id
    return (preview.at, preview.key) == (article.created_at, article.author.identity)
