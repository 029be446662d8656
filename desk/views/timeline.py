"""A ticket's conversation as data: days, articles of all channels, and what happened in between. Pure functions.

Articles keep the order in which they are listed (the provider's); an event stands in front of the first article that
came after it. What happened before the oldest article that is shown is left to the earlier part.

Messages of a ticket leave in order, so one that cannot be sent keeps back those behind it; these say why it waits.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Literal

from ...normalizer.channel_facts import Channels
from ...normalizer.envelope import Addressee, Attachment, OriginCheck
from ...normalizer.field_values import text_of
from ...normalizer.joining import NOTHING
from ...normalizer.outgoing import LEFT_OUT
from ...router.records import Article, DeliveryStatus
from ...router.reply_route import ReplyAddress
from .amended import Amended, amended
from .carried import carried
from .happenings import Happened
from .linked_text import LinkedText, linked_text
from .person_names import addressee_words, identity_words, person_name
from .products import article_product
from .proof_words import Proof, proof_of
from .times import day

SHOWN_CHARACTERS = 6_000

Side = Literal["customer", "agent", "note", "system"]
Tone = Literal["calm", "good", "bad", "unsure"]


@dataclass(frozen=True, kw_only=True)
class File:
    """An attachment as a tile; `absent` says why it is not here, `lost` that it will not come."""

    name: str
    size: int
    sha256: str
    sort: str
    absent: str = ""
    lost: bool = False


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of an outgoing article."""

    state: str
    words: str
    detail: str
    at: int
    tone: Tone
    attempts: int

    @property
    def leaves(self) -> bool:
        """Whether it has not left yet, and will by itself."""
        return self.state in ("queued", "sending")

    @property
    def blocked(self) -> bool:
        """Whether it was tried and has not left, so that what is behind it waits."""
        return self.leaves and self.attempts > (self.state == "sending")

    @property
    def by_hand(self) -> bool:
        """Whether a person has to decide what happens to it."""
        return self.state in ("failed", "unknown")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One article."""

    id: str
    ticket: str
    side: Side
    author: str
    proof: Proof | None
    evidence: str
    checks: Sequence[OriginCheck]
    joined: str  # why it is here, or why it is not where it says it belongs
    stands_out: bool  # that is to be seen at once
    channel: str
    product: str  # what people know the channel by
    addresses: str
    copied: str
    people: Sequence[Addressee]  # who wrote it by mail, and who else it was written to
    subject: str
    carried: Sequence[str]
    at: int
    said: Mapping[str, str]  # for fields, by the source that it came by
    text: str
    linked_text: Sequence[LinkedText]
    erased: bool
    cut: bool  # there is more text than is shown
    quoted: str
    signature: str
    formatted: bool
    files: Sequence[File]
    receipt: Receipt | None
    amended: Amended
    came_with: str = ""  # the number of the merged ticket whose it is


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing of the timeline; just one of its fields is set."""

    key: str
    day: str = ""
    entry: Entry | None = None
    event: Happened | None = None


_RECEIPTS: dict[str, tuple[str, Tone]] = {
    "queued": ("On its way", "calm"),
    "sending": ("Being sent", "calm"),
    "sent": ("Sent", "calm"),
    "delivered": ("Delivered", "good"),
    "read": ("Read", "good"),
    "failed": ("Not sent", "bad"),
    "unknown": ("Nobody knows whether it arrived", "unsure"),
}

_SORTS = (
    ("image", "image/", "png jpg jpeg gif webp svg heic"),
    ("pdf", "application/pdf", "pdf"),
    ("table", "text/csv", "csv xls xlsx ods"),
    ("text", "text/", "txt md doc docx odt rtf"),
    ("sound", "audio/", "mp3 wav ogg m4a"),
    ("film", "video/", "mp4 mov webm avi"),
    ("archive", "application/zip", "zip gz tar 7z rar"),
)


def timeline(
    entries: Sequence[Entry], events: Sequence[Happened], *, zone: tzinfo, now: int, whole: bool
) -> Iterator[Line]:
    """The lines in order; `whole` when the first entry is the first of the ticket."""
    begin = entries[0].at if entries and not whole else 0
    waiting, shown = [event for event in events if event.at >= begin], ""
    for line in _merged(_kept_back(entries), waiting):
        at = line.entry.at if line.entry else line.event.at if line.event else 0
        today = day(at, now, zone)
        if today != shown:
            shown = today
            yield Line(key=f"day-{line.key}", day=today)
        yield line


def _kept_back(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries; a message that waits behind a blocked one has the cause of that one."""
    first: Receipt | None = None
    for entry in entries:
        receipt = entry.receipt
        if receipt is None or not receipt.leaves:
            yield entry
        elif receipt.blocked:
            first = first or receipt
            yield entry
        elif first is None:
            yield entry
        else:
            yield replace(entry, receipt=replace(receipt, words="Waits behind an earlier message", detail=first.detail))


def _merged(entries: Iterable[Entry], events: Sequence[Happened]) -> Iterator[Line]:
    left = list(enumerate(events))
    for entry in entries:
        while left and left[0][1].at < entry.at:
            yield _event_line(*left.pop(0))
        yield Line(key=entry.id, entry=entry)
    yield from (_event_line(*each) for each in left)


def _event_line(index: int, event: Happened) -> Line:
    return Line(key=f"event-{event.at}-{index}", event=event)


def entry(article: Article, channels: Channels, *, formatted: bool, address: ReplyAddress | None = None) -> Entry:
    """An article as an entry; `formatted` says that there is an HTML form of it, `address` where its ticket answers."""
    customer, text = article.author.kind == "customer", article.text[:SHOWN_CHARACTERS]
    letter = channels[article.channel].letters
    return Entry(
        id=article.id,
        ticket=article.ticket,
        side=_side(article),
        author=_author(article, channels),
        proof=proof_of(article.author, article.origin) if customer else None,
        evidence=article.author.evidence if customer else "",
        checks=article.origin.checks if article.origin else (),
        joined=_joined(article),
        stands_out=_joined(article) != "" and article.joined_by in ("", "unproven"),
        channel=article.channel,
        product=article_product(article, address, channels).words,
        addresses=_addresses(article, channels),
        copied=addressee_words(article.copied),
        people=(*_writer(article), *article.copied),
        subject=article.subject if letter else "",
        carried=carried(article),
        at=article.created_at,
        said={name.rpartition(".")[2].replace("_", " "): _said(value) for name, value in article.fields.items()},
        text=text,
        linked_text=linked_text(text, formatted=article.formatted),
        erased=article.erased_at is not None,
        cut=article.truncated or len(article.text) > SHOWN_CHARACTERS,
        quoted=article.quoted,
        signature=article.signature,
        formatted=formatted,
        files=[file_tile(each) for each in article.attachments if not each.inline or each.state == "missing"],
        receipt=receipt(article.delivery) if article.delivery else None,
        amended=amended(article, channels),
    )


def _said(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else text_of(value)


def file_tile(attachment: Attachment) -> File:
    """An attachment as a tile; its sort is told by its media type, else by its name."""
    ending = attachment.name.rpartition(".")[2].lower()
    sort = next(
        (name for name, kind, endings in _SORTS if attachment.media_type.startswith(kind) or ending in endings.split()),
        "other",
    )
    return File(
        name=attachment.name or "file",
        size=attachment.size,
        sha256=attachment.sha256,
        sort=sort,
        absent=_absent(attachment),
        lost=attachment.state == "missing",
    )


def _absent(attachment: Attachment) -> str:
    if attachment.state == "stored":
        return ""
    if attachment.state == "missing":
        return f"Missing: {attachment.problem or 'nobody knows why'}"
    return f"Not here yet, tried again: {attachment.problem}" if attachment.problem else "being fetched …"


def receipt(delivery: DeliveryStatus) -> Receipt:
    """What became of it, in words."""
    words, tone = _RECEIPTS.get(delivery.state, (delivery.state, "calm"))
    detail = delivery.detail if delivery.state in ("queued", "failed", "unknown") else ""
    if delivery.state == "sent" and delivery.detail.startswith("delayed"):
        words, detail = "Sent, and not there yet", delivery.detail
    if delivery.state == "queued" and delivery.attempts:
        words, detail = "Will be tried again", _tried(delivery)
    elif delivery.state == "queued" and detail:
        words = "Not sent yet"
    elif delivery.state in ("sent", "delivered", "read") and LEFT_OUT in delivery.detail:
        tone = "unsure"
        detail = delivery.detail[delivery.detail.index(LEFT_OUT) :]
    return Receipt(
        state=delivery.state, words=words, detail=detail, at=delivery.at, tone=tone, attempts=delivery.attempts
    )


def _tried(delivery: DeliveryStatus) -> str:
    times = f"tried {delivery.attempts} times" if delivery.attempts > 1 else ""
    return "; ".join(part for part in (delivery.detail, times) if part)


def _side(article: Article) -> Side:
    if article.kind == "note":
        return "note"
    if article.author.kind == "customer":
        return "customer"
    return "agent" if article.author.kind == "agent" else "system"


def _author(article: Article, channels: Channels) -> str:
    author = article.author
    if author.kind == "system":
        kind, _, token = author.name.partition(":")
        return f"The token {token}" if kind == "token" else author.name or "Automatic"
    return person_name(author.name or (author.id if author.kind == "agent" else ""), author.identity, channels)


def _writer(article: Article) -> Iterator[Addressee]:
    kind, _, address = article.author.identity.partition(":")
    if kind == "email":
        yield Addressee(address=address, name=article.author.name)


def _joined(article: Article) -> str:
    """Why it is here, where that says something: not of what opened a ticket or is one line of many."""
    plain = article.joined_by == "channel" or (article.joined_by == "" and article.join_reason in ("", NOTHING))
    return "" if plain else f"{article.join_reason[0].upper()}{article.join_reason[1:]}"


def _addresses(article: Article, channels: Channels) -> str:
    """Whose address stands beside the author: from whom a message came, to whom a reply went."""
    if article.author.kind == "customer":
        words = identity_words(article.author.identity, channels)
        return words.value if words.is_address and words.value != article.author.name else ""
    return f"to {article.to}" if article.to and channels[article.channel].letters else ""
