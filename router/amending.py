"""What edits, deletes and reactions make of a message, in whatever order and however often they come. Pure.

Every change has a rank, by which it sorts: the provider's order, then its id. Of several texts that of the highest rank
is shown; before it stand the earlier ones, the first and the last nine. Of several deletes the first counts; an edit
does not bring a message back. Of what somebody did with one emoji the last counts, and with all of theirs the last that
took all away. So the same changes end in the same article, as long as nobody has more than `MOST_MARKS` marks put below
one message: then the oldest go. An addition alone is taken as it comes: its text goes below the one that is shown then.

A change that changes nothing, because it is there already or something later stands in its place, leaves everything as
it was, so nothing needs to be remembered of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ..normalizer.envelope import Envelope, Reaction
from .private_fields import Amended, Deletion, Mark
from .records import Article, DeletedBy, PutReaction, Version

EARLIER = 10  # texts that are kept besides the present one
MOST_MARKS = 200
LONGEST = 100  # characters of a mark, and of a name


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text of a message."""

    rank: str  # empty: what it said at first
    at: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A message with all of its changes."""

    texts: tuple[Text, ...]  # by rank
    deletion: Deletion | None = None
    marks: tuple[Mark, ...] = ()

    @classmethod
    def of(cls, article: Article, amended: Amended | None) -> "Changed":
        """An article with its whole texts, and what is kept with it."""
        known = amended or Amended()
        at = article.edited_at or article.sent_at or article.created_at
        said = (*article.versions, Version(text=article.text, at=at))
        texts = tuple(Text(rank=rank, at=each.at, text=each.text) for rank, each in zip(known.ranks, said, strict=True))
        return cls(texts=texts, deletion=known.deletion, marks=known.marks)

    @property
    def kept(self) -> Amended:
        """What is kept with the article, beside what it shows."""
        ranks = tuple(each.rank for each in self.texts)
        return Amended(ranks=ranks, deletion=self.deletion, marks=self.marks)

    @property
    def text(self) -> Text:
        """What it says now."""
        return self.texts[-1]

    @property
    def versions(self) -> tuple[Version, ...]:
        """What it said before."""
        return tuple(Version(text=each.text, at=each.at) for each in self.texts[:-1])

    @property
    def reactions(self) -> tuple[PutReaction, ...]:
        """The marks that stand below it."""
        return tuple(
            PutReaction(emoji=each.emoji, identity=each.who, name=each.name, ours=each.ours, at=each.at)
            for each in self.marks
            if each.on
        )


def amended(before: Changed, envelope: Envelope, *, erases: bool) -> Changed:
    """With one more change; `erases`: what is deleted loses its texts. The same object when it changes nothing."""
    after = _amended(before, envelope, erases=erases)
    return before if after == before else after


def rank_of(envelope: Envelope) -> str:
    """By what a change sorts among the others of its message."""
    return f"{envelope.order}\n{envelope.external_id}"


def without_people(before: Changed, identities: Iterable[str]) -> Changed:
    """Without the marks of these people."""
    gone = set(identities)
    return replace(before, marks=tuple(each for each in before.marks if each.who not in gone))


def _amended(before: Changed, envelope: Envelope, *, erases: bool) -> Changed:
    at = envelope.sent_at or envelope.received_at
    if envelope.kind == "delete":
        return _deleted(before, Deletion(rank=rank_of(envelope), at=at, by=_deleter(envelope)), erases=erases)
    if envelope.kind == "edit":
        if before.deletion and erases:
            return before
        return _edited(before, Text(rank=rank_of(envelope), at=at, text=envelope.text))
    if envelope.kind == "addition":
        return before if before.deletion and erases else _extended(before, envelope.text)
    assert envelope.reaction is not None
    return replace(before, marks=_marked(before.marks, _marks(envelope, envelope.reaction, at)))


def _deleter(envelope: Envelope) -> DeletedBy:
    if envelope.ext.get("moderator"):
        return "moderator"
    return "author" if envelope.sender.identities else "channel"


def _deleted(before: Changed, deletion: Deletion, *, erases: bool) -> Changed:
    first = min(filter(None, (before.deletion, deletion)), key=lambda each: each.rank)
    if not erases:
        return replace(before, deletion=first)
    return replace(before, deletion=first, texts=(replace(before.texts[0], text=""),))


def _edited(before: Changed, text: Text) -> Changed:
    if any(each.rank == text.rank for each in before.texts):
        return before
    texts = sorted((*before.texts, text), key=lambda each: each.rank)
    return replace(before, texts=(texts[0], *texts[1:][-EARLIER:]))


def _extended(before: Changed, more: str) -> Changed:
    shown = before.text.text
    if not more or f"\n\n{more}\n\n" in f"\n\n{shown}\n\n":
        return before
    return replace(before, texts=(*before.texts[:-1], replace(before.text, text=f"{shown}\n\n{more}".lstrip("\n"))))


def _marks(envelope: Envelope, reaction: Reaction, at: int) -> Iterator[Mark]:
    """What a reaction does: something with one emoji, and what takes the place of all others takes all away first."""
    who = envelope.sender.identities[0].key if envelope.sender.identities else ""
    mark = Mark(
        who=who,
        emoji=reaction.emoji[:LONGEST],
        rank=rank_of(envelope),
        on=not reaction.removed,
        at=at,
        name=envelope.sender.name[:LONGEST],
        ours=envelope.direction == "out",
    )
    if reaction.alone or not reaction.emoji:
        yield mark.model_copy(update={"emoji": "", "on": False})
    if reaction.emoji:
        yield mark


def _marked(before: Iterable[Mark], more: Iterable[Mark]) -> tuple[Mark, ...]:
    last = dict[tuple[str, str], Mark]()
    for each in (*before, *more):
        known = last.get((each.who, each.emoji))
        if known is None or (known.rank, known.on) < (each.rank, each.on):
            last[each.who, each.emoji] = each
    stand = (each for each in last.values() if not each.emoji or each.rank >= _cleared(last, each.who))
    return tuple(sorted(stand, key=lambda each: (each.rank, each.who, each.emoji))[-MOST_MARKS:])


def _cleared(last: Mapping[tuple[str, str], Mark], who: str) -> str:
    """The rank of when they took all away, before all others if never."""
    cleared = last.get((who, ""))
    return cleared.rank if cleared else ""
