"""The second column: reads a ticket's timeline, the newest part first, in look-ups whose number has a bound.

A page holds `PART` articles. Long texts lie in blobs: those of the newest articles are read at once, the others when
somebody asks for them.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import partial

from ...config.errors import Unreadable
from ...normalizer.envelope import Addressee
from ...queue.clock import Clock
from ...router.policy import CurrentPolicy
from ...router.reader import Reader
from ...router.reply_route import ReplyAddress
from ...router.sight import Sight
from ...router.stored_ticket import StoredTicket
from ..access.veil import veiled_sentences
from .happenings import happenings, moved_marks
from .timeline import Entry, Line, entry, timeline

PART = 50  # articles
MOST = 4 * PART
READ_WHOLE = 10  # of the newest articles, when their texts are long


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """A part of a timeline."""

    lines: Sequence[Line]
    earlier: int  # how many articles come before it
    newest: int  # when the newest article came
    last: str = ""  # the newest article of all, by its id
    people: Sequence[Addressee] = ()  # who wrote the mails of it, and to whom


class Conversations:
    """Reads timelines."""

    def __init__(self, reader: Reader, *, policy: CurrentPolicy, clock: Clock) -> None:
        self._reader = reader
        self._policy = policy
        self._clock = clock

    async def of(
        self,
        stored: StoredTicket,
        *,
        zone: tzinfo,
        before: int | None = None,
        begin: int | None = None,
        sight: Sight | None = None,
    ) -> Conversation:
        """The newest part, or the part that ends in front of the article at the place `before`.

        `begin` asks for a part that begins where another one did, so that a page loses nothing when articles come.
        `sight` is that of who reads it.
        """
        ticket = stored.record
        case = await self._reader.case_article_ids(ticket) if ticket.merged else None
        count = await self._reader.count_articles(ticket.id) if case is None else len(case)
        end = count if before is None else max(0, min(before, count))
        begin = max(0, end - PART) if begin is None else min(max(begin, end - MOST), end)
        ids = await self._reader.article_ids(ticket.id, begin, end) if case is None and end else (case or [])[begin:end]
        parts = [each for each in await self._reader.stored(ticket.merged) if each is not None]
        entries = await self._veiled(await self._entries(ids, [stored, *parts]), sight)
        names = self._policy().settings.agent_names
        marks = moved_marks(stored.work.moved, names)
        events = sorted((*happenings(stored.work.history, names), *marks), key=lambda event: event.at)
        if end < count:
            events = [event for event in events if entries and event.at < entries[-1].at]
        lines = timeline(entries, events, zone=zone, now=self._clock.now(), whole=begin == 0)
        people = [each for entry in reversed(entries) for each in entry.people]
        newest, last = (entries[-1].at, entries[-1].id) if entries else (0, "")
        return Conversation(lines=list(lines), earlier=begin, newest=newest, last=last, people=people)

    async def _veiled(self, entries: list[Entry], sight: Sight | None) -> list[Entry]:
        """Why a message is here, without the numbers of tickets that are not seen."""
        told = await veiled_sentences([each.joined for each in entries], sight, self._reader)
        return [replace(each, joined=words) for each, words in zip(entries, told, strict=True)]

    async def _entries(self, ids: Sequence[str], case: Sequence[StoredTicket]) -> list[Entry]:
        """Of the first ticket, and of those that are merged into it, which stand behind."""
        whole, addresses = len(ids) - READ_WHOLE, {each.record.id: each.work.reply_to for each in case}
        made = (self._entry(article, addresses, whole=place >= whole) for place, article in enumerate(ids))
        found = [each for each in await asyncio.gather(*made) if each is not None]
        numbers = {each.record.id: each.record.number for each in case[1:]}
        return [replace(each, came_with=numbers.get(each.ticket, "")) for each in found] if numbers else found

    async def _entry(self, article: str, addresses: Mapping[str, ReplyAddress | None], *, whole: bool) -> Entry | None:
        stored = await self._reader.stored_article(article)
        if stored is None:
            return None
        record, body, channels = stored.record, stored.work.body, self._policy().channels
        made = partial(entry, channels=channels, address=addresses.get(record.ticket))
        if not body or not whole:
            maybe = bool(body) and channels[record.channel].letters
            return made(record, formatted=bool(record.html) or maybe)
        try:
            record = await self._reader.whole(stored)
        except Unreadable:  # the beginning is still better than no page
            return made(record, formatted=False)
        return made(record, formatted=bool(record.html))
