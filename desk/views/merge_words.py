"""What a merge of two tickets will change, and what to mind, in plain sentences for whoever decides it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...normalizer.channel_facts import Channels
from ...router.cases import MergePreview
from ...router.life_cycle import ACTIVE
from ...router.private_fields import Preview
from .happenings import Names
from .labels import status_words
from .person_names import person_name
from .reply_target import whom


@dataclass(frozen=True, kw_only=True)
class MergeWords:
    """The sentences."""

    changes: tuple[str, ...]
    warnings: tuple[str, ...]


def merge_words(preview: MergePreview, channels: Channels, names: Names) -> MergeWords:
    """The sentences about a merge that nobody has made yet; `names` are those of the agents."""
    return MergeWords(changes=tuple(_changes(preview, channels, names)), warnings=tuple(_warnings(preview, channels)))


def _changes(preview: MergePreview, channels: Channels, names: Names) -> Iterator[str]:
    one, other = preview.ticket.record, preview.into.record
    count = preview.ticket.work.article_count
    also = f", with the {len(one.merged)} that are merged into it" if one.merged else ""
    yield f"{one.number} leaves {one.queue}{also}, and {other.number} stands for both, in {other.queue}."
    yield f"Its {counted(count)} then show in {other.number}, each marked with {one.number}; nothing is moved."
    yield f"Whoever answers {one.number} is heard in {other.number}."
    waits = one.status in ACTIVE and preview.ticket.work.customer_waits_since is not None
    opens = waits and other.status not in ACTIVE
    if opens:
        yield f"{other.number}, now {status_words(other.status)}, opens again: {one.number} waits for an answer."
    if one.assignee and not other.assignee and (opens or other.status in ACTIVE):
        yield f"{names.get(one.assignee, one.assignee)}, who has {one.number}, gets {other.number}, given room for it."
    elif one.assignee and one.assignee != other.assignee:
        yield f"{names.get(one.assignee, one.assignee)} has {one.number} no longer."
    if way := whom(preview.into, channels):
        yield f"Replies go to {way}, unless you choose otherwise where you write."
    yield "You can undo it at any time: each ticket then has what is its own again, also what comes until then."


def _warnings(preview: MergePreview, channels: Channels) -> Iterator[str]:
    if preview.one_customer:
        return
    people = [_who(each.work.preview, channels) for each in (preview.ticket, preview.into)]
    yield (
        f"These are two customers’ conversations: {people[0]} and {people[1]}. You will see both together; neither is "
        "sent what the other wrote. If they are one person, join their records beside the ticket instead, or as well."
    )


def counted(messages: int) -> str:
    """So many messages, in words."""
    return "1 message" if messages == 1 else f"{messages} messages"


def _who(wrote: Preview, channels: Channels) -> str:
    """Their name with their address: two people may have one name, and one person two addresses."""
    name, address = person_name(wrote.by, wrote.key, channels), person_name("", wrote.key, channels)
    return name if name == address else f"{name} ({address})"
