"""Copies of what is filed: found by what they share, and told apart by what they say.

The first of several copies is the article; the others add nothing but the addresses they came to. One that says more
(further files), or is better proven than the article and not the same in every respect, is an article of its own in
the same ticket: what anybody could have written in somebody's name before them takes nothing away from their message.
What says more and is less well proven than the article joins no ticket by being its copy: anybody who saw it could add.
"""

from dataclasses import dataclass

from ..normalizer.copies import Said, likeness, said_by
from ..normalizer.envelope import Envelope
from .filing_plan import assurance_of
from .reader import Reader
from .records import Article
from .resolver import Resolution
from .stored_ticket import StoredArticle


@dataclass(frozen=True, kw_only=True)
class Copy:
    """Where a message was filed before, or a copy of it."""

    ticket: str
    article: str
    one: bool = True  # nothing is said that the article does not say
    beside: bool = True  # it may stand in the article's ticket
    same: bool = True  # the same in every respect, so that what proves the one proves the other


async def find_copy(reader: Reader, envelope: Envelope, found: Resolution, *, one_article: bool) -> Copy | None:
    """The article of which the message is a copy; None when it is news."""
    for ticket, article in found.places:
        stored = await reader.stored_article(article)
        if not one_article or not envelope.ext.get("message_id"):
            return Copy(ticket=stored.record.ticket if stored else ticket, article=article)
        if stored is not None and (copy := await _compared(reader, envelope, stored)):
            return copy
    return None


async def _compared(reader: Reader, envelope: Envelope, stored: StoredArticle) -> Copy | None:
    ticket, article, author = stored.record.ticket, stored.record.id, stored.record.author
    if stored.work.raw == envelope.raw_id:  # it comes again to be proven
        return Copy(ticket=ticket, article=article)
    identity = envelope.sender.identities[0] if envelope.sender.identities else None
    if author.identity != (identity.key if identity else ""):
        return None
    like = likeness(said_by(envelope), _said(await reader.whole(stored)))
    if like == "other":
        return None
    better, worse = assurance_of(envelope) > author.assurance, assurance_of(envelope) < author.assurance
    one = like == "same" or (like == "alike" and not better)
    return Copy(ticket=ticket, article=article, one=one, beside=not worse, same=like == "same")


def _said(article: Article) -> Said:
    hidden = (article.quoted, article.signature, article.html)
    return Said(subject=article.subject, text=article.text, hidden=hidden, attachments=article.attachments)
