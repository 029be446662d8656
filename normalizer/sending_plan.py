"""What will be sent of a reply, and what of it a channel does not take: told before it is taken. Pure.

One function for the API, which refuses, and for the desk, which says it while somebody writes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .envelope import Attachment
from .rendering import messages_of, taken_by
from .sending_limits import FileLimits, Sends
from .sms_segments import Segments, segments_of

Part = Literal["text", "attachments"]


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What is not taken: of which field, why, and what to do instead."""

    field: Part
    words: str


@dataclass(frozen=True, kw_only=True)
class SendingPlan:
    """`messages` leave; `taken` of `most` in the last of them, where there is a limit; `segments` of an SMS."""

    messages: int
    taken: int = 0
    most: int | None = None
    segments: tuple[Segments, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def sending_plan(text: str, files: Sequence[Attachment], sends: Sends, *, formatted: bool = False) -> SendingPlan:
    """For a reply with these files, to a destination that takes this."""
    limit = sends.text
    parts = messages_of(text, limit, sends.dialect, formatted=formatted)
    refusals = [*_text(parts, sends), *_files(files, sends.files)]
    if limit is None:
        return SendingPlan(messages=len(parts), refusals=tuple(refusals))
    return SendingPlan(
        messages=len(parts),
        taken=taken_by(parts[-1], limit.unit) if parts else 0,
        most=limit.most,
        segments=tuple(map(segments_of, parts)) if limit.unit == "sms" else (),
        refusals=tuple(refusals),
    )


def _text(parts: Sequence[str], sends: Sends) -> Iterator[Refusal]:
    limit = sends.text
    if limit is not None and len(parts) > limit.parts:
        most = f"{limit.most:,} characters" if limit.parts == 1 else f"{limit.parts} messages of {limit.most:,}"
        yield Refusal(field="text", words=f"the text is too long: the channel takes {most}; shorten it")


def _files(files: Sequence[Attachment], limits: FileLimits) -> Iterator[Refusal]:
    instead = f"; {limits.instead}" if limits.instead else ""
    if files and limits.count == 0:
        yield Refusal(field="attachments", words=f"the channel takes no files{instead}")
        return
    if limits.count is not None and len(files) > limits.count:
        yield Refusal(field="attachments", words=f"the channel takes at most {limits.count} files at once{instead}")
    if limits.total is not None and sum(each.size for each in files) > limits.total:
        words = f"the channel takes {_size(limits.total)} of files at once, and these are more{instead}"
        yield Refusal(field="attachments", words=words)
        return
    for each in files:
        if words := _unfit(each, limits):
            yield Refusal(field="attachments", words=f"{each.name} {words}{instead}")


def _unfit(file: Attachment, limits: FileLimits) -> str:
    kinds = [kind for kind in limits.kinds if file.media_type.startswith(kind)]
    if not kinds and not limits.others:
        return f"is of a kind that the channel does not take ({file.media_type})"
    kind = limits.kinds[max(kinds, key=len)] if kinds else None
    most = min((each for each in (kind, limits.size) if each is not None), default=None)
    return "" if most is None or file.size <= most else f"is larger than the {_size(most)} that the channel takes"


def _size(size: int) -> str:
    for unit, factor in (("MB", 1024 * 1024), ("kB", 1024)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size} bytes"
