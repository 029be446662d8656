"""What is written when a message changes: the fields of its article, worked out beforehand. Pure.

The text of an edit takes the place of what was there, with the earlier ones behind it; files that it brings are added.
An addition brings more of a message that its channel sends in pieces, mostly files; it is no edit to anybody.
A deleted message stays, marked; where `deleted_messages` is `erase`, what it said and brought goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..normalizer.closing_words import Says
from ..normalizer.envelope import Attachment, Envelope, Kind
from .amending import Changed
from .article_body import INLINE_CHARACTERS
from .file_fetches import references_of
from .preview import PREVIEWED, preview_of
from .private_fields import Preview
from .records import Article, json_bytes
from .search_words import article_words
from .stored_ticket import StoredArticle

KINDS: Mapping[Kind, str] = {
    "edit": "message.edited",
    "addition": "message.extended",
    "delete": "message.deleted",
    "reaction": "message.reacted",
}
"""The lines of the feed that tell of changes."""

_REPLACED = ("html", "quoted", "signature")  # by the text of an edit
_ERASED = (*_REPLACED, "contacts", "event", "originals", "fields", "says", "truncated")
_ERASED_WORK = ("_body", "_raw_content", "_raw_blob")


@dataclass(frozen=True, kw_only=True)
class ArticleChange:
    """What becomes of an article."""

    kind: str  # of the line of the feed that tells of it; empty for none
    fields: Mapping[str, Any]
    gone: Sequence[str] = ()  # fields that it has no more
    told: Mapping[str, Any] = field(default_factory=dict)  # the `changes` of the line
    blobs: Sequence[str] | None = None  # all that it names then; None: as they are
    files: Sequence[Attachment] = ()  # all that it has then, where an edit may have brought some
    preview: Preview | None = None  # for its ticket, where it is the last that a customer said
    unsettles: bool = False  # it says no more that the matter is done


def packed_texts(changed: Changed) -> bytes | None:
    """The texts as a blob holds them (article_body.py); None when they are short."""
    if sum(len(each.text) for each in changed.texts) <= INLINE_CHARACTERS:
        return None
    versions = [each.model_dump() for each in changed.versions]
    return json_bytes({"text": changed.text.text, "quoted": "", "signature": "", "html": "", "versions": versions})


def with_files(stored: StoredArticle, envelope: Envelope) -> tuple[Attachment, ...]:
    """The files of a message, with those that an edit or an addition brings.

    An edit may name a file anew that is there: one of the same size is the same one.
    """
    attachments = stored.record.attachments
    known = {*stored.work.fetched_by, *(each.sha256 or each.fetch for each in attachments)}
    sizes = {each.size for each in attachments if envelope.kind == "edit"} - {0}
    news = (each for each in envelope.attachments if (each.sha256 or each.fetch) not in known)
    return (*attachments, *(each for each in news if each.size not in sizes))


def edited(
    stored: StoredArticle, before: Changed, after: Changed, envelope: Envelope, *, says: Says, body: str
) -> ArticleChange:
    """An edit, or an addition that has text; `body` is the blob with all texts, when they are long, and `says` what the
    text comes to now.
    """
    article, files = stored.record, with_files(stored, envelope)
    newest = before.text != after.text
    fields = _kept(after) | _texts(article, after, body) | _files(stored, after, files)
    if newest:
        fields |= {"language": envelope.language.code, "says": says}
    return ArticleChange(
        kind=KINDS[envelope.kind],
        fields=fields,
        gone=(*_REPLACED, *(() if body else ("truncated", "_body"))),
        blobs=_named(stored, body, files),
        files=files,
        preview=preview_of(_shown(article, after, files)),
        unsettles=newest and says != article.says,
    )


def extended(stored: StoredArticle, after: Changed, envelope: Envelope) -> ArticleChange:
    """An addition of nothing but files."""
    files = with_files(stored, envelope)
    return ArticleChange(
        kind=KINDS["addition"],
        fields=_files(stored, after, files),
        blobs=_named(stored, stored.work.body, files),
        files=files,
        preview=preview_of(_shown(stored.record, after, files)),
    )


def deleted(stored: StoredArticle, after: Changed, *, erases: bool) -> ArticleChange:
    """A delete."""
    article, deletion = stored.record, after.deletion
    assert deletion is not None
    marked = _kept(after) | {"deleted_at": deletion.at, "deleted_by": deletion.by}
    if not erases:
        preview = preview_of(_shown(article, after, article.attachments))
        return ArticleChange(kind=KINDS["delete"], fields=marked, preview=preview, unsettles=True)
    empty: dict[str, Any] = {"text": "", "versions": [], "edited_at": None, "attachments": [], "language": "unknown"}
    remains = article.model_copy(update={"attachments": (), "fields": {}})
    return ArticleChange(
        kind=KINDS["delete"],
        fields=marked | empty | {"_words": article_words(remains.model_dump(mode="json"), "")},
        gone=(*_ERASED, *_ERASED_WORK),
        blobs=(),
        preview=preview_of(_shown(article, after, ())),
        unsettles=True,
    )


def reacted(before: Changed, after: Changed) -> ArticleChange:
    """A reaction; that of a mark which nobody sees any more is remembered and told to nobody."""
    if before.reactions == after.reactions:
        return ArticleChange(kind="", fields=_kept(after))
    stands, stood = ({(each.identity, each.emoji) for each in part.reactions} for part in (after, before))
    went, came = (
        min((each for _, each in stood - stands), default=None),
        min((each for _, each in stands - stood), default=None),
    )
    shown = [each.model_dump() for each in after.reactions]
    return ArticleChange(
        kind=KINDS["reaction"], fields=_kept(after) | {"reactions": shown}, told={"reaction": [went, came]}
    )


def _files(stored: StoredArticle, after: Changed, files: Sequence[Attachment]) -> dict[str, Any]:
    """What a record says of the files, where there are more of them."""
    before = stored.record.attachments
    if len(files) == len(before):
        return {}
    references = (*stored.work.fetched_by, *references_of(files[len(before) :]))
    kept = {"_fetched_by": references} if references else {}
    fields = {"attachments": [each.model_dump(mode="json") for each in files]}
    words = article_words(stored.record.model_dump(mode="json") | fields, after.text.text)
    return {**fields, **kept, "_words": words}


def _named(stored: StoredArticle, body: str, files: Sequence[Attachment]) -> list[str]:
    """The blobs of an article."""
    return [*filter(None, (stored.work.raw_blob, body, *(each.sha256 for each in files)))]


def _kept(after: Changed) -> dict[str, Any]:
    return {"_amended": after.kept.model_dump(mode="json")}


def _texts(article: Article, after: Changed, body: str) -> dict[str, Any]:
    """What a record shows of the texts: all, or their beginnings."""
    text, versions = after.text.text, [each.model_dump() for each in after.versions]
    fields: dict[str, Any] = {"edited_at": after.text.at if versions else None}
    fields["_words"] = article_words(article.model_dump(mode="json"), text)
    if body:
        versions = [each | {"text": each["text"][:PREVIEWED]} for each in versions]
        fields |= {"truncated": True, "_body": body}
    return {**fields, "text": text[:INLINE_CHARACTERS] if body else text, "versions": versions}


def _shown(article: Article, after: Changed, files: Sequence[Attachment]) -> Article:
    """The article as a preview needs it."""
    deleted_at = after.deletion and after.deletion.at
    return article.model_copy(update={"text": after.text.text, "attachments": files, "deleted_at": deleted_at})
