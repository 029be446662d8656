"""What a customer changed of a message after it was sent, as its entry in the timeline shows it. Pure functions.

Marks are told as often as they stand there, with the people in words, since an emoji alone says little to a screen
reader.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...normalizer.channel_facts import Channels
from ...router.records import Article, DeletedBy, PutReaction
from .person_names import SOMEBODY, person_name

NAMED = 5  # people of one mark

_DELETED: Mapping[DeletedBy, str] = {
    "author": "Deleted by the customer",
    "moderator": "Deleted by a moderator",
    "channel": "Deleted where it was written",
}


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What a message said before."""

    text: str
    at: int


@dataclass(frozen=True, kw_only=True)
class ShownMark:
    """One emoji below a message."""

    emoji: str
    count: int
    people: str  # `Maria and Ben`


@dataclass(frozen=True, kw_only=True)
class Amended:
    """What was changed of a message; all of it empty where nothing was."""

    edited_at: int | None
    earlier: Sequence[Earlier]  # the latest first
    deleted: str  # by whom, as a sentence without its end; empty: it is not deleted
    deleted_at: int | None
    marks: Sequence[ShownMark]


def amended(article: Article, channels: Channels) -> Amended:
    """Of an article; of one that is erased there is nothing."""
    by = article.deleted_by
    sent = "Deleted" if article.author.kind != "customer" and by == "author" else _DELETED.get(by or "channel", "")
    return Amended(
        edited_at=article.edited_at,
        earlier=[Earlier(text=each.text, at=each.at) for each in reversed(article.versions)],
        deleted=sent if article.deleted_at is not None else "",
        deleted_at=article.deleted_at,
        marks=_marks(article.reactions, channels),
    )


def _marks(reactions: Iterable[PutReaction], channels: Channels) -> list[ShownMark]:
    people = dict[str, list[str]]()
    for each in reactions:
        people.setdefault(each.emoji, []).append(_who(each, channels))
    return [ShownMark(emoji=emoji, count=len(names), people=_listed(names)) for emoji, names in people.items()]


def _who(mark: PutReaction, channels: Channels) -> str:
    if mark.ours:
        return "us"
    return person_name(mark.name, mark.identity, channels) if mark.identity else mark.name or SOMEBODY


def _listed(names: Sequence[str]) -> str:
    """`Maria, Ben and 3 more`."""
    if len(names) > NAMED:
        return f"{', '.join(names[: NAMED - 1])} and {len(names) - NAMED + 1} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
